import { UsageError } from './command';
import type { RelayArguments } from './relay-flags';

type Values = RelayArguments['values'];

export interface Range {
  readonly least: number;
  readonly most: number;
}

/** A flag's whole number; undefined when it was not given. @throws UsageError */
export function wholeNumber(values: Values, name: string, { least, most }: Range): number | undefined {
  const text = values[name];
  if (text === undefined) return undefined;
  const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw new UsageError(`--${name} must be a whole number from ${least} to ${most}, not '${text}'`);
}

/** A flag's text as one of `choices`; undefined when it was not given. @throws UsageError */
export function oneOf<Choice extends string>(values: Values, name: string, choices: readonly Choice[]): Choice | undefined {
  const text = values[name];
  if (text === undefined) return undefined;
  const choice = choices.find((candidate) => candidate === text);
  if (choice !== undefined) return choice;
  throw new UsageError(`--${name} must be ${choices.join(' or ')}, not '${text}'`);
}
