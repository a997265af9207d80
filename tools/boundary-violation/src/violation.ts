// Deliberately wrong, and never run or linted with the rest: a feature that reaches for an adapter and for a package.
// e2e/src/module-boundaries.int.test.ts expects the lint rule to say so. A rule that sees nothing would pass everything.
import { connectWorker } from '@reveille/queue';
import { Redis } from 'ioredis';

export const violation = { connectWorker, Redis };
