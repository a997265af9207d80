import { linkTo, type Route } from './routing/route';
import { useSession } from './session/session-context';

const LINKS = [
  ['Overview', { page: 'overview' }],
  ['Failed pushes', { page: 'failed', filter: {} }],
  ['Replays', { page: 'replays' }],
  ['Rejections', { page: 'rejections' }],
  ['Explain', { page: 'explain' }],
  ['Audit', { page: 'audit' }],
] as const;

/** Where one can go, and who one is. */
export function Navigation({ current }: { readonly current: Route['page'] }) {
  const { session, logOut } = useSession();
  const here = current === 'replay' ? 'replays' : current;
  return (
    <header class="frame">
      <nav aria-label="Pages">
        <strong>Reveille</strong>
        <ul>
          {LINKS.map(([text, route]) => (
            <li key={text}>
              <a href={linkTo(route)} aria-current={route.page === here ? 'page' : undefined}>
                {text}
              </a>
            </li>
          ))}
          <li>
            <a href="queues">Raw queues</a>
          </li>
        </ul>
        <p class="who">
          <span>
            {session.name} ({session.role})
          </span>
          {session.via === 'password' && (
            <button type="button" class="small secondary outline" onClick={logOut}>
              Log out
            </button>
          )}
        </p>
      </nav>
    </header>
  );
}
