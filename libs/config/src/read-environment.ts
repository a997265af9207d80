/** Environment variables, as data. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The process's environment. The only place that touches `process.env`; everything else gets it as an argument. */
export function readEnvironment(): Record<string, string | undefined> {
  return { ...process.env };
}
