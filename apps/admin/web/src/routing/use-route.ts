import { useEffect, useState } from 'preact/hooks';

import { parseRoute, type Route } from './route';

/** The route of the page's address, as it changes. */
export function useRoute(): Route {
  const [route, setRoute] = useState(() => parseRoute(location.hash));
  useEffect(() => {
    const follow = (): void => {
      setRoute(parseRoute(location.hash));
    };
    addEventListener('hashchange', follow);
    return () => {
      removeEventListener('hashchange', follow);
    };
  }, []);
  return route;
}

/** Goes to a link made by `linkTo`; the way back leads to where one was. */
export function goTo(link: string): void {
  location.hash = link;
}
