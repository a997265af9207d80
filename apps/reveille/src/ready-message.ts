import { z } from 'zod';

const simulatorFacts = z.object({
  apnsUrl: z.string(),
  fcmUrl: z.string(),
  tokenUrl: z.string(),
  controlUrl: z.string(),
  files: z.object({ ca: z.string(), apnsKey: z.string(), serviceAccount: z.string() }),
  apns: z.object({ teamId: z.string(), keyId: z.string(), topic: z.string() }),
  projectId: z.string(),
});

const readyMessage = z.object({
  type: z.literal('ready'),
  urls: z.record(z.string(), z.union([z.string(), z.array(z.string())]).optional()).default({}),
  simulator: simulatorFacts.optional(),
});

/** What a role tells its supervisor once it listens. */
export type ReadyMessage = z.output<typeof readyMessage>;
/** Where the simulator listens and which credentials it accepts. */
export type SimulatorFacts = z.output<typeof simulatorFacts>;

/** The message, or undefined when it is another one. */
export function parseReadyMessage(message: unknown): ReadyMessage | undefined {
  const parsed = readyMessage.safeParse(message);
  return parsed.success ? parsed.data : undefined;
}
