import type { AdminApi } from '../http/admin-api';
import { LoginForm } from './login-form';

/** All that somebody sees who is not logged in. */
export function LoginPage({ api, onDone }: { readonly api: AdminApi; readonly onDone: () => void }) {
  return (
    <main class="login">
      <article>
        <h1>Reveille</h1>
        <LoginForm api={api} onDone={onDone} />
        <details>
          <summary>No name and password yet?</summary>
          <p>
            Without users in its configuration, <code>npx reveille serve</code> prints a password for <code>admin</code> when it starts. To
            add users, make a hash with <code>npx reveille hash-password</code> and put it under <code>admin.users</code>.
          </p>
        </details>
      </article>
    </main>
  );
}
