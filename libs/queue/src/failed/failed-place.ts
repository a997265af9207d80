import { z } from 'zod';
import type { FailedPlace } from './failed-types';

/** Digits of a time in the index: enough until the year 2286. */
export const TIME_DIGITS = 13;

/** Where a page of failed pushes ended, as `FailedPage.next` has it. Says nothing that its last item does not say. */
export const failedCursorSchema = z.string().regex(/^\d{13}:[^\0]{1,200}$/, 'is no cursor of a list of failed pushes');

export function encodePlace({ failedAt, id }: FailedPlace): string {
  return `${String(failedAt).padStart(TIME_DIGITS, '0')}:${id}`;
}

/** The place at the end of an entry of the index. */
export function decodePlace(text: string): FailedPlace {
  return { failedAt: Number(text.slice(0, TIME_DIGITS)), id: text.slice(TIME_DIGITS + 1) };
}

/** @throws ZodError when it is no cursor */
export function decodeCursor(cursor: string): FailedPlace {
  return decodePlace(failedCursorSchema.parse(cursor));
}

/** Whether it failed earlier. Ids are ASCII, so that strings compare as Redis compares bytes. */
export function comesBefore(one: FailedPlace, other: FailedPlace): boolean {
  return one.failedAt === other.failedAt ? one.id < other.id : one.failedAt < other.failedAt;
}
