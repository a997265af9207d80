import { boundedLabel, statusLabel } from './bounded-label';

describe('labels', () => {
  it('passes what is known and nothing else', () => {
    const known = new Set(['Unregistered']);
    expect(boundedLabel(known, 'Unregistered')).toBe('Unregistered');
    expect(boundedLabel(known, 'made up')).toBe('other');
  });

  it.each([
    [200, '200'],
    [599, '599'],
    [undefined, 'none'],
    [0, 'other'],
    [600, 'other'],
    [20.5, 'other'],
    [Number.NaN, 'other'],
  ])('status %s is %s', (status, label) => expect(statusLabel(status)).toBe(label));
});
