import { useEffect, useId, useRef } from 'preact/hooks';

import type { AdminApi } from '../http/admin-api';
import { describeProblem, type Problem } from '../http/problem';
import { useAction } from '../hooks/use-action';

interface LoginFormProps {
  readonly api: AdminApi;
  /** Who was logged in before; empty: nobody. */
  readonly name?: string;
  readonly onDone: () => void;
}

/** Name and password. The password is gone from the page as soon as it was sent. */
export function LoginForm({ api, name = '', onDone }: LoginFormProps) {
  const id = useId();
  const nameInput = useRef<HTMLInputElement>(null);
  const passwordInput = useRef<HTMLInputElement>(null);
  const logIn = useAction(({ name, password }: { name: string; password: string }) => api.login(name, password), onDone);
  useEffect(() => {
    (name ? passwordInput : nameInput).current?.focus();
  }, [name]);

  const submit = (event: Event): void => {
    event.preventDefault();
    const password = passwordInput.current;
    if (!nameInput.current || !password) return;
    logIn.run({ name: nameInput.current.value.trim(), password: password.value });
    password.value = '';
    password.focus();
  };
  return (
    <form onSubmit={submit} aria-busy={logIn.busy}>
      <label for={`${id}-name`}>Name</label>
      <input id={`${id}-name`} ref={nameInput} defaultValue={name} autocomplete="username" autocapitalize="none" spellcheck={false} required />
      <label for={`${id}-password`}>Password</label>
      <input id={`${id}-password`} ref={passwordInput} type="password" autocomplete="current-password" required />
      <p role="alert" class="problem">
        {logIn.problem && describeLoginProblem(logIn.problem)}
      </p>
      <button type="submit" disabled={logIn.busy}>
        Log in
      </button>
    </form>
  );
}

function describeLoginProblem(problem: Problem): string {
  return problem.kind === 'refused' && problem.status === 401
    ? 'This name and password do not fit together. Nothing else is told, on purpose.'
    : describeProblem(problem);
}
