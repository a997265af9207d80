import { formatTable } from './report';
import { toRow } from './row';

it('shows a row a line, in columns, with three digits', () => {
  const table = formatTable([
    toRow({
      name: 'a/rate',
      unit: '/s',
      samples: [{ value: 1234.5, limit: 5000 }, { value: 1000, limit: 4000 }],
      target: { figure: 'ratio', direction: 'at-least', than: 0.35 },
    }),
    toRow({ name: 'b/size', unit: 'MB', samples: [{ value: 0.12345 }] }),
  ]);
  expect(table).toBe(
    [
      '        value  unit  limit  ratio        spread  to reach',
      'a/rate   1117  /s     4500  0.248  0.247..0.250  ratio >= 0.35  NOT REACHED',
      'b/size  0.123  MB',
      '',
    ].join('\n'),
  );
});
