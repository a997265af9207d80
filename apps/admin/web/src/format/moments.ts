const LOCAL = /^(?:(\d{4})-(\d{2})-(\d{2})[ T])?(\d{1,2}):(\d{2})(?::(\d{2}))?$/;
const BACK = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)$/;
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * A moment as people type it, as the API takes it. `14:05` (today) and `2026-01-31 14:05` are times of whoever looks and become
 * UTC. `2h` (back from now) stays as it is, or becomes fixed with `absolute`. Everything else is left for the API to judge.
 */
export function toMoment(text: string, now: Date, form: 'as-typed' | 'absolute' = 'as-typed'): string {
  const typed = text.trim();
  const back = BACK.exec(typed);
  if (back && form === 'absolute') {
    const [, number = '0', unit = 's'] = back;
    return new Date(now.getTime() - Number(number) * (UNIT_MS[unit] ?? 0)).toISOString();
  }
  const local = LOCAL.exec(typed);
  return local ? fromLocal(local, now) : typed;
}

function fromLocal([typed, year, month, day, hours, minutes, seconds]: RegExpExecArray, now: Date): string {
  const at = new Date(now);
  if (year !== undefined) at.setFullYear(Number(year), Number(month) - 1, Number(day));
  at.setHours(Number(hours), Number(minutes), Number(seconds ?? 0), 0);
  const isReal = at.getHours() === Number(hours) && at.getMinutes() === Number(minutes);
  // 25:61 is for the API to refuse, not for us to guess at.
  return isReal ? at.toISOString() : typed;
}
