import { isIPv4 } from 'node:net';

import type { z } from 'zod';

import { formatPath } from './config-problem';
import type { PathSegment, PlacedProblem } from './config-problem';
import { valueAt } from './explain-issue';
import { schemasAt } from './schema-walk';

/** Everything that listens: where its port and its addresses are in the settings. */
const LISTENERS = [
  { port: ['http', 'port'], addresses: ['http', 'bind_addresses'] },
  { port: ['admin', 'port'], addresses: ['admin', 'bind_address'] },
  { port: ['metrics', 'ports', 'ingress'], addresses: ['metrics', 'bind_address'] },
  { port: ['metrics', 'ports', 'dispatcher'], addresses: ['metrics', 'bind_address'] },
  { port: ['metrics', 'ports', 'admin'], addresses: ['metrics', 'bind_address'] },
] as const;
/** The first of the default ports: an example of a free one is looked for from here. */
const FIRST_PORT = 5000;

interface Listener {
  readonly path: readonly PathSegment[];
  readonly port: number;
  readonly addresses: readonly string[];
  /** Whether the port was given; otherwise it is the default. */
  readonly isGiven: boolean;
}

/**
 * Ports that two listeners would want at once. `serve` runs all of them on one host, so that the second could not
 * start; 0 (any free one) never clashes. What the schema refuses is left out: it is reported anyway.
 */
export function listenClashes(schema: z.ZodType, value: unknown): readonly PlacedProblem[] {
  const listeners = LISTENERS.flatMap((place) => readListener(schema, value, place));
  return listeners.flatMap((second, index) => {
    const first = listeners.slice(0, index).find((other) => clash(other, second));
    return first ? [problemOf(first, second, listeners)] : [];
  });
}

function readListener(schema: z.ZodType, value: unknown, place: (typeof LISTENERS)[number]): readonly Listener[] {
  const read = (path: readonly string[]): unknown => {
    const parsed = schemasAt(schema, path, value)[0]?.safeParse(valueAt(value, path));
    return parsed?.success === true ? parsed.data : undefined;
  };
  const port = read(place.port);
  const addresses = [read(place.addresses)].flat().filter((address) => typeof address === 'string');
  if (typeof port !== 'number' || port === 0) return [];
  return [{ path: place.port, port, addresses, isGiven: valueAt(value, place.port) !== undefined }];
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
