import * as fc from 'fast-check';
import { median, toRow } from './row';

describe('toRow', () => {
  it('takes the median of the rounds and of their ratios', () => {
    const samples = [
      { value: 40, limit: 100 },
      { value: 90, limit: 100 },
      { value: 30, limit: 50 },
    ];
    const target = { figure: 'ratio', direction: 'at-least', than: 0.6 } as const;
    expect(toRow({ name: 'x/y', unit: '/s', samples, target })).toEqual({
      name: 'x/y',
      value: 40,
      unit: '/s',
      limit: 100,
      ratio: 0.6,
      target: 'ratio >= 0.6',
      ok: true,
      spread: [0.4, 0.9],
    });
  });

  it('has neither limit nor ratio nor verdict where there is nothing to compare with', () => {
    const row = toRow({ name: 'x/y', unit: 'B', samples: [{ value: 1 }, { value: 3 }] });
    expect(row).toMatchObject({ value: 2, limit: null, ratio: null, target: null, ok: null, spread: [1, 3] });
  });

  it('judges a value that may not be higher', () => {
    const target = { figure: 'value', direction: 'at-most', than: 2 } as const;
    expect(toRow({ name: 'x', unit: 'B', samples: [{ value: 2 }], target }).ok).toBe(true);
    const above = toRow({ name: 'x', unit: 'B', samples: [{ value: 2.1 }], target });
    expect(above).toMatchObject({ ok: false, target: 'value <= 2' });
  });

  it('does not reach a ratio that could not be measured', () => {
    const target = { figure: 'ratio', direction: 'at-least', than: 0.5 } as const;
    const row = toRow({ name: 'x', unit: 'ms', samples: [{ value: 2, limit: 0 }], target });
    expect(row).toMatchObject({ ratio: null, ok: false });
  });
});

describe('median', () => {
  it('has as many values below as above', () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1 }), (values) => {
        const middle = median(values);
        expect(values.filter((value) => value < middle).length).toBeLessThanOrEqual(values.length / 2);
        expect(values.filter((value) => value > middle).length).toBeLessThanOrEqual(values.length / 2);
      }),
    );
  });
});
