import { Dialog } from '../parts/dialog';
import type { AdminApi } from '../http/admin-api';
import { LoginForm } from './login-form';

interface LoginDialogProps {
  readonly api: AdminApi;
  readonly name: string;
  readonly onDone: () => void;
}

/** Over a page whose session ended: the page stays as it is, and goes on afterwards. */
export function LoginDialog({ api, name, onDone }: LoginDialogProps) {
  return (
    <Dialog title="Log in again">
      <p>Your session has ended. The page stays as it is and goes on when you are logged in.</p>
      <LoginForm api={api} name={name} onDone={onDone} />
    </Dialog>
  );
}
