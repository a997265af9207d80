import type { Session } from '@reveille/admin-api';
import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';

import { createAdminApi, type AdminApi } from '../http/admin-api';
import { isUnauthenticated, type Problem } from '../http/problem';

/** Where one is with the login. */
export type LoginState =
  /** Not known yet. */
  | { readonly state: 'asking' }
  | { readonly state: 'failed'; readonly problem: Problem }
  | { readonly state: 'out' }
  | { readonly state: 'in'; readonly session: Session }
  /** The session ended while the page was open: it stays as it is under the login. */
  | { readonly state: 'expired'; readonly session: Session };

export interface Login {
  readonly login: LoginState;
  readonly api: AdminApi;
  /** Asks the API who is logged in. */
  readonly ask: () => void;
  readonly logOut: () => void;
}

/** Who is logged in: asked at the start, and told by every answer that says nobody is. */
export function useLogin(): Login {
  const [login, setLogin] = useState<LoginState>({ state: 'asking' });
  const api = useMemo(
    () =>
      createAdminApi(
        (url, init) => fetch(url, init),
        () => {
          setLogin((before) => (before.state === 'in' ? { ...before, state: 'expired' } : before));
        },
      ),
    [],
  );
  const ask = useCallback(() => {
    void api.session().then((result) => {
      if (result.ok) setLogin({ state: 'in', session: result.value });
      else setLogin((before) => afterProblem(before, result.problem));
    });
  }, [api]);
  useEffect(ask, [ask]);
  const logOut = useCallback(() => {
    void api.logout().then(() => {
      setLogin({ state: 'out' });
    });
  }, [api]);
  return { login, api, ask, logOut };
}

function afterProblem(before: LoginState, problem: Problem): LoginState {
  if (before.state === 'expired') return before;
  return isUnauthenticated(problem) ? { state: 'out' } : { state: 'failed', problem };
}
