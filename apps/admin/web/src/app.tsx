import { LoginDialog } from './session/login-dialog';
import { LoginPage } from './session/login-page';
import { SessionProvider } from './session/session-context';
import { useLogin } from './session/use-login';
import { Frame } from './frame';
import { ProblemNote } from './parts/problem-note';

/** The whole page: the login, or what those see who are logged in. */
export function App() {
  const { login, api, ask, logOut } = useLogin();
  switch (login.state) {
    case 'asking':
      return <main aria-busy="true" class="login" />;
    case 'failed':
      return (
        <main class="login">
          <ProblemNote problem={login.problem} onRetry={ask} />
        </main>
      );
    case 'out':
      return <LoginPage api={api} onDone={ask} />;
    case 'in':
    case 'expired': {
      const { session, state } = login;
      return (
        <SessionProvider value={{ session, api, isActive: state === 'in', logOut }}>
          <Frame />
          {state === 'expired' && <LoginDialog api={api} name={session.name} onDone={ask} />}
        </SessionProvider>
      );
    }
  }
}
