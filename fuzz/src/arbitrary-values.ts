import fc, { type Arbitrary } from 'fast-check';

/** Stands in a value for text that JSON.stringify would not write: numbers of any form, nesting that no object survives. */
const LITERAL = /"@literal:([\w-]*)@"/g;

function literal(text: string): string {
  return `@literal:${Buffer.from(text).toString('base64url')}@`;
}

/** JSON text of a value in which `literal` may occur. */
export function toJson(value: unknown): string {
  // undefined for undefined only, which no arbitrary here gives at the top.
  const text = JSON.stringify(value) as string | undefined;
  return (text ?? 'null').replace(LITERAL, (_, encoded: string) => Buffer.from(encoded, 'base64url').toString());
}

/** Levels. A parser that recurses ends long before. */
const MAX_NESTING = 20_000;
const MAX_LONG_TEXT = 120_000;

const NAMES = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'length', '', '\0', '$', '*', 'a:b{c}', 'then'];

/** Texts that a careless program stumbles over. */
export const anyText: Arbitrary<string> = fc.oneof(
  { weight: 60, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  { weight: 30, arbitrary: fc.constantFrom(...NAMES) },
  // Half a surrogate pair, alone or in any place.
  { weight: 30, arbitrary: fc.array(fc.integer({ min: 0xd700, max: 0xe0ff }), { maxLength: 8 }).map((units) => String.fromCharCode(...units)) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom('x', '💣', '\u0000', '"', 'é', '\u2028', '*'), fc.nat(MAX_LONG_TEXT)).map(([part, count]) => part.repeat(count / part.length)) },
);

/** Numbers as they may be written, seldom such as JSON does not know. */
export const anyNumber: Arbitrary<unknown> = fc.oneof(
  { weight: 40, arbitrary: fc.double({ noNaN: true }) },
  { weight: 40, arbitrary: fc.integer() },
  { weight: 40, arbitrary: fc.constantFrom('1e999', '-1e999', '1e-999', '-0', '0.1e1', '9007199254740993', '1'.repeat(5000), '1e5').map(literal) },
  { weight: 1, arbitrary: fc.constantFrom('NaN', 'Infinity', '01', '+1', '0x10', '1_000', '.5').map(literal) },
);

const nested: Arbitrary<unknown> = fc
  .tuple(fc.constantFrom(['[', ']'], ['{"a":', '}'], ['[{"__proto__":', '}]']), fc.integer({ min: 1, max: MAX_NESTING }))
  .map(([[open = '', close = ''], depth]) => literal(`${open.repeat(depth)}0${close.repeat(depth)}`));

/** Bytes. Half of the body's limit: two of these may come together. */
const MAX_REPEATED = 250_000;

/** A list of one value many times over. */
export function many(value: Arbitrary<unknown>, max: number): Arbitrary<unknown> {
  return fc.tuple(fc.integer({ min: 1, max }), value).map(([count, one]) => {
    const text = toJson(one);
    return literal(`[${Array.from({ length: Math.min(count, Math.ceil(MAX_REPEATED / text.length)) }, () => text).join()}]`);
  });
}

/** Any JSON value, of any type and shape. */
export const anyValue: Arbitrary<unknown> = fc.oneof(
  { weight: 60, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
  { weight: 40, arbitrary: anyText },
  { weight: 30, arbitrary: anyNumber },
  { weight: 30, arbitrary: fc.constantFrom(null, true, false, [], {}, '') },
  { weight: 1, arbitrary: nested },
  { weight: 10, arbitrary: fc.dictionary(anyText, fc.jsonValue({ maxDepth: 1 }), { maxKeys: 10 }) },
  { weight: 1, arbitrary: many(fc.jsonValue({ maxDepth: 1 }), 20_000) },
);

/** Mostly as it should be. */
export function mostly(right: Arbitrary<unknown>): Arbitrary<unknown> {
  return fc.oneof({ weight: 100, arbitrary: right }, { weight: 1, arbitrary: anyValue }, { weight: 1, arbitrary: anyText });
}

/** An object of these fields, some of them missing, perhaps with others beside them. Own properties, whatever their names. */
export function objectOf(fields: Readonly<Record<string, Arbitrary<unknown>>>): Arbitrary<unknown> {
  const known = Object.entries(fields).map(([name, value]) =>
    fc.option(value, { freq: 30, nil: undefined }).map((made): [string, unknown][] => (made === undefined ? [] : [[name, made]])),
  );
  const others = fc.oneof(
    { weight: 30, arbitrary: fc.constant<[string, unknown][]>([]) },
    { weight: 1, arbitrary: fc.array(fc.tuple(anyText, anyValue), { maxLength: 3 }) },
  );
  return fc.tuple(fc.tuple(...known), others).map(([parts, more]) => Object.fromEntries([...parts.flat(), ...more]));
}
