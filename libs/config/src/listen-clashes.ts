import { isIPv4 } from 'node:net';

import type { z } from 'zod';

import { formatPath } from './config-problem';
import type { PathSegment, PlacedProblem } from './config-problem';
import { valueAt } from './explain-issue';
import { schemasAt } from './schema-walk';

/** Everything that listens: in which process, and where its port and its addresses are in the settings. */
const LISTENERS = [
  { role: 'ingress', port: ['http', 'port'], addresses: ['http', 'bind_addresses'] },
  { role: 'admin', port: ['admin', 'port'], addresses: ['admin', 'bind_address'] },
  { role: 'ingress', port: ['metrics', 'ports', 'ingress'], addresses: ['metrics', 'bind_address'] },
  { role: 'dispatcher', port: ['metrics', 'ports', 'dispatcher'], addresses: ['metrics', 'bind_address'] },
  { role: 'admin', port: ['metrics', 'ports', 'admin'], addresses: ['metrics', 'bind_address'] },
] as const;
/** The first of the default ports: an example of a free one is looked for from here. */
const FIRST_PORT = 5000;

interface Listener {
  readonly role: string;
  readonly path: readonly PathSegment[];
  readonly port: number;
  readonly addresses: readonly string[];
  /** Whether the port was given; otherwise it is the default. */
  readonly isGiven: boolean;
}

export interface ListenClashes {
  /** Two listeners of one role want the port: it cannot start. */
  readonly problems: readonly PlacedProblem[];
  /** Two roles want it: they can start on two hosts, or with `--http-port` and `--metrics-port`, but not by `serve`. */
  readonly warnings: readonly PlacedProblem[];
}

/**
 * Ports that two listeners would want at once; 0 (any free one) never clashes. What the schema refuses is left out: it is
 * reported anyway.
 */
export function listenClashes(schema: z.ZodType, value: unknown): ListenClashes {
  const listeners = LISTENERS.flatMap((place) => readListener(schema, value, place));
  const clashes = listeners.flatMap((second, index) => {
    const others = listeners.slice(0, index).filter((other) => clash(other, second));
    const first = others.find(({ role }) => role === second.role) ?? others[0];
    return first ? [{ first, second }] : [];
  });
  const within = (sameRole: boolean): PlacedProblem[] =>
    clashes
      .filter(({ first, second }) => (first.role === second.role) === sameRole)
      .map(({ first, second }) => problemOf(first, second, listeners));
  return { problems: within(true), warnings: within(false) };
}

function readListener(schema: z.ZodType, value: unknown, place: (typeof LISTENERS)[number]): readonly Listener[] {
  const read = (path: readonly string[]): unknown => {
    const parsed = schemasAt(schema, path, value)[0]?.safeParse(valueAt(value, path));
    return parsed?.success === true ? parsed.data : undefined;
  };
  const port = read(place.port);
  const addresses = [read(place.addresses)].flat().filter((address) => typeof address === 'string');
  if (typeof port !== 'number' || port === 0) return [];
  return [{ role: place.role, path: place.port, port, addresses, isGiven: valueAt(value, place.port) !== undefined }];
}

function clash(one: Listener, other: Listener): boolean {
  if (one.port !== other.port) return false;
  return one.addresses.some((a) => other.addresses.some((b) => covers(a, b) || covers(b, a)));
}

/** Whether who listens on `address` takes the port on `other` too; `::` is both kinds of addresses at once. */
function covers(address: string, other: string): boolean {
  if (address === '::' || address === other) return true;
  if (address === '0.0.0.0') return isIPv4(other) || other === '::' || other === 'localhost';
  return address === 'localhost' && (other === '127.0.0.1' || other === '::1');
}

/** At the port that was given: a default is nowhere in the file. */
function problemOf(first: Listener, second: Listener, listeners: readonly Listener[]): PlacedProblem {
  const [wrong, other] = first.isGiven && !second.isGiven ? [first, second] : [second, first];
  const taken = `${formatPath(other.path)}\`${other.isGiven ? '' : ' (by default)'}`;
  const free = listeners.reduce((port) => (listeners.some((one) => one.port === port) ? port + 1 : port), FIRST_PORT);
  const example = `${String(wrong.path[wrong.path.length - 1])}: ${String(free)}`;
  const message = `is the port of \`${taken} too, on the same address`;
  return { path: wrong.path, problem: { path: formatPath(wrong.path), found: String(wrong.port), message, example } };
}
