import { useEffect, useRef } from 'preact/hooks';

import { AuditPage } from './audit/audit-page';
import { ExplainPage } from './explain/explain-page';
import { FailedPage } from './failed/failed-page';
import { MissingPage } from './missing-page';
import { Navigation } from './navigation';
import { OverviewPage } from './overview/overview-page';
import { RejectionsPage } from './rejections/rejections-page';
import { ReplayPage } from './replay/replay-page';
import { ReplaysPage } from './replay/replays-page';
import type { Route } from './routing/route';
import { useRoute } from './routing/use-route';

/** The navigation, and the page that the address names. */
export function Frame() {
  const route = useRoute();
  const main = useRef<HTMLElement>(null);
  const shown = useRef(route.page);
  // Another page begins at its top, for the eye and for the keyboard; a changed filter does not.
  useEffect(() => {
    if (shown.current === route.page) return;
    shown.current = route.page;
    main.current?.focus({ preventScroll: true });
    scrollTo(0, 0);
  }, [route.page]);
  return (
    <>
      <Navigation current={route.page} />
      <main ref={main} tabIndex={-1}>
        <Page route={route} />
      </main>
    </>
  );
}

function Page({ route }: { readonly route: Route }) {
  switch (route.page) {
    case 'overview':
      return <OverviewPage />;
    case 'failed':
      return <FailedPage filter={route.filter} />;
    case 'replays':
      return <ReplaysPage />;
    case 'replay':
      return <ReplayPage key={route.id} id={route.id} />;
    case 'rejections':
      return <RejectionsPage />;
    case 'explain':
      return <ExplainPage />;
    case 'audit':
      return <AuditPage />;
    case 'missing':
      return <MissingPage path={route.path} />;
  }
}
