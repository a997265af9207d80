import { z } from 'zod';

/** A storm of rejections in one app, as it is now. Times in milliseconds since the epoch. */
export const stormSchema = z.object({
  since: z.number(),
  /** `suspect`: reasons that a mistake of ours would cause too; `ordinary`: those that speak of the device; or both. */
  kind: z.enum(['suspect', 'ordinary', 'both']),
  /** `holding`: nothing is told; `releasing`: the verdicts proved true and are told little by little. */
  state: z.enum(['holding', 'releasing']),
  /** The most frequent reason, and all of them with the number of pushkeys. */
  reason: z.string(),
  reasons: z.record(z.string(), z.number()),
  /** Share of the rejections in all answers when it began, and the app's usual one. */
  share: z.number(),
  baseline: z.number(),
  /** Verdicts that are held now. */
  held: z.number(),
  /** Of those that were remembered before the storm was seen: how many a homeserver had heard of already. */
  told: z.number(),
  /** Pushkeys that the provider was asked about again, and how many of them it took. */
  probed: z.number(),
  acceptedAgain: z.number(),
  /** Nothing will be told without an operator's word. */
  needsOperator: z.boolean(),
});

export type Storm = z.infer<typeof stormSchema>;

/**
 * What happened to a storm. `discarded`: no verdict was told, and why: the provider took the pushkeys again, the
 * settings changed, or nothing is held any more.
 */
export const stormEventSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('tripped'), storm: stormSchema }),
  z.object({ kind: z.literal('releasing'), storm: stormSchema }),
  z.object({ kind: z.literal('released'), storm: stormSchema }),
  z.object({
    kind: z.literal('discarded'),
    why: z.enum(['accepted-again', 'settings-changed', 'nothing-held']),
    storm: stormSchema,
  }),
]);

export type StormEvent = z.infer<typeof stormEventSchema>;
