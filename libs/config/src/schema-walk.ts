import { z } from 'zod';

import { isRecord } from './is-record';
import type { PathSegment } from './config-problem';

/** What the schema says about a key, for messages and documentation. */
export interface KeyDescription {
  readonly description?: string;
  readonly type?: string;
  readonly example?: unknown;
  /** The default, as it would be written in the file. */
  readonly fallback?: unknown;
  readonly secret: boolean;
  /** Names a file that only its owner should read. */
  readonly secretFile: boolean;
  readonly required: boolean;
}

/** The schema below `optional`, `default` and the like: what decides about a value that is there. */
export function unwrap(schema: z.ZodType): z.ZodType {
  const layers = layersOf(schema);
  return layers[layers.length - 1] ?? schema;
}

/** The schema and everything that it wraps, from the outside in. */
function layersOf(schema: z.ZodType): readonly z.ZodType[] {
  const layers = [schema];
  for (let inner = innerOf(schema); inner !== undefined; inner = innerOf(inner)) layers.push(inner);
  return layers;
}

function innerOf(schema: z.ZodType): z.ZodType | undefined {
  const inner = wrappedBy(schema);
  return isSchema(inner) ? inner : undefined;
}

function wrappedBy(schema: z.ZodType): unknown {
  if (schema instanceof z.ZodPipe) return schema.in instanceof z.ZodTransform ? schema.out : schema.in;
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) return schema.def.innerType;
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) return schema.def.innerType;
  if (schema instanceof z.ZodNonOptional || schema instanceof z.ZodReadonly) return schema.def.innerType;
  return undefined;
}

/** The first of the values that are allowed, where they are named one by one. */
export function firstChoice(schema: z.ZodType): unknown {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodEnum) return inner.options[0];
  return inner instanceof z.ZodLiteral ? [...inner.values][0] : undefined;
}

/** What the schema's metadata say; an outer layer wins over what it wraps. */
export function describeKey(schema: z.ZodType): KeyDescription {
  const layers = layersOf(schema);
  const meta = layers.reduceRight<Readonly<Record<string, unknown>>>((all, layer) => ({ ...all, ...layer.meta() }), {});
  const filled = layers.find((layer) => layer instanceof z.ZodPrefault || layer instanceof z.ZodDefault);
  const { description, type, example, secret, secretFile } = meta;
  return {
    ...(typeof description === 'string' && { description }),
    type: typeof type === 'string' ? type : typeName(unwrap(schema)),
    ...(example !== undefined && { example }),
    ...(filled && { fallback: filled.def.defaultValue }),
    secret: secret === true,
    secretFile: secretFile === true,
    required: !schema.safeParse(undefined).success,
  };
}

function typeName(schema: z.ZodType): string {
  if (schema instanceof z.ZodEnum) return schema.options.map((option) => `\`${String(option)}\``).join(', ');
  if (schema instanceof z.ZodLiteral) return [...schema.values].map((value) => `\`${String(value)}\``).join(', ');
  if (schema instanceof z.ZodBoolean) return '`true`, `false`';
  if (schema instanceof z.ZodNumber) return 'number';
  if (schema instanceof z.ZodString) return 'text';
  if (schema instanceof z.ZodArray) return 'list';
  return schema instanceof z.ZodObject || schema instanceof z.ZodRecord ? 'mapping' : '';
}

/** The keys of a mapping with their schemas; empty when the schema is no mapping with fixed keys. */
export function keysOf(schema: z.ZodType): ReadonlyMap<string, z.ZodType> {
  const inner = unwrap(schema);
  if (!(inner instanceof z.ZodObject)) return new Map();
  return new Map(Object.entries(inner.shape).flatMap(([key, child]) => (isSchema(child) ? [[key, child]] : [])));
}

/** Like `schemasAt`, but a union at the path itself stands for itself: what describes the key as a whole. */
export function declarationsAt(schema: z.ZodType, path: readonly PathSegment[], value: unknown): readonly z.ZodType[] {
  const key = path[path.length - 1];
  if (key === undefined) return [schema];
  return schemasAt(schema, path.slice(0, -1), value).flatMap((parent) => childrenOf(parent, key));
}

/** Every schema that may stand at a path, given the value there: of a union, the variants whose `type` fits. */
export function schemasAt(schema: z.ZodType, path: readonly PathSegment[], value: unknown): readonly z.ZodType[] {
  const variants = variantsOf(schema, value);
  const [segment, ...rest] = path;
  if (segment === undefined) return variants;
  const below = isRecord(value) && Object.hasOwn(value, segment) ? value[segment] : undefined;
  return variants.flatMap((variant) => childrenOf(variant, segment).flatMap((child) => schemasAt(child, rest, below)));
}

function variantsOf(schema: z.ZodType, value: unknown): readonly z.ZodType[] {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodIntersection) {
    return [inner.def.left, inner.def.right].filter(isSchema).flatMap((side) => variantsOf(side, value));
  }
  if (!(inner instanceof z.ZodUnion)) return [schema];
  const options = inner.options.filter(isSchema).flatMap((option) => variantsOf(option, value));
  const fitting = options.filter((option) => typeFits(option, value));
  return fitting.length > 0 ? fitting : options;
}

/** The classic interface of zod, which all schemas here are made with; its types speak of the core one. */
function isSchema(schema: unknown): schema is z.ZodType {
  return schema instanceof z.ZodType;
}

function typeFits(option: z.ZodType, value: unknown): boolean {
  const type = keysOf(option).get('type');
  return type === undefined || !isRecord(value) || type.safeParse(value.type).success;
}

function childrenOf(schema: z.ZodType, segment: PathSegment): readonly z.ZodType[] {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodRecord) return [inner.valueType].filter(isSchema);
  if (inner instanceof z.ZodArray) return [inner.element].filter(isSchema);
  const child = keysOf(inner).get(String(segment));
  return child ? [child] : [];
}
