/** What else is known of an action, in one line: `rate 100, filter (app com.example.ios), include expired no`. */
export function describeDetail(detail: Readonly<Record<string, unknown>>): string {
  return Object.entries(detail)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([name, value]) => `${name.replaceAll('_', ' ')} ${describeValue(value)}`)
    .join(', ');
}

function describeValue(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return JSON.stringify(value);
  const inside = describeDetail({ ...value });
  return inside ? `(${inside})` : '(none)';
}
