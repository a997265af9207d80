import { HIDDEN, hideSecretParts, isSecretKey } from './shorten';

/** A copy of the settings that may be printed: secrets, and credentials inside URLs, are hidden. */
export function redactSettings(settings: unknown): unknown {
  if (typeof settings === 'string') return /:\/\/|\n/.test(settings) ? hideSecretParts(settings) : settings;
  if (Array.isArray(settings)) return settings.map((item: unknown) => redactSettings(item));
  if (typeof settings !== 'object' || settings === null) return settings;
  return Object.fromEntries(
    Object.entries(settings).map(([key, value]: [string, unknown]) => [
      key,
      isSecretKey(key) && value !== undefined ? HIDDEN : redactSettings(value),
    ]),
  );
}
