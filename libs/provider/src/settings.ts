/**
 * Something wrong with an app's settings that a schema alone cannot see (a key file that cannot be read, say).
 * Holds nothing of a key or password: it is printed.
 */
export interface SettingProblem {
  /** Where in the app's own settings, e.g. `['keyfile']`. */
  readonly path: (string | number)[];
  readonly message: string;
  /** What would be right, as it would stand in the file. */
  readonly example?: string;
}
