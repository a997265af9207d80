import type { Session } from '@reveille/admin-api';
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';

import type { AdminApi } from '../http/admin-api';

export interface SessionContext {
  readonly session: Session;
  readonly api: AdminApi;
  /** false: the session ended, and the login stands over the page. Nothing is asked meanwhile. */
  readonly isActive: boolean;
  readonly logOut: () => void;
}

const Context = createContext<SessionContext | undefined>(undefined);
/** Whoever is inside knows who is logged in. */
export const SessionProvider = Context.Provider;

/** Who is logged in, and the API that they use. */
export function useSession(): SessionContext {
  const context = useContext(Context);
  if (!context) throw new Error('only inside of SessionProvider');
  return context;
}

export function useApi(): AdminApi {
  return useSession().api;
}

/** Whether this person may change anything. The API decides; this is for showing it beforehand. */
export function useMayOperate(): boolean {
  return useSession().session.role === 'operator';
}
