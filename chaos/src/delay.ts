/** Resolves after `ms` milliseconds: the length of a fault, the pause of a homeserver. */
export function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
