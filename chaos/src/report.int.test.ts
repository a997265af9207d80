import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { temporaryDirectory } from '@reveille/testing';

import { writeBetweenMarkers } from './report';
import { REPORT_FILE } from './workspace-paths';

const BEGIN = '<!-- chaos: begin, written by the suite -->';
const END = '<!-- chaos: end -->';

it('replaces what stands between the markers, as often as it is asked to', async () => {
  const directory = await temporaryDirectory();
  try {
    const file = join(directory.path, 'report.md');
    writeFileSync(file, `before\n${BEGIN}\nold\n${END}\nafter\n`);
    writeBetweenMarkers(file, 'chaos', 'first\n');
    writeBetweenMarkers(file, 'chaos', 'second\n');
    expect(readFileSync(file, 'utf8')).toBe(`before\n${BEGIN}\nsecond\n${END}\nafter\n`);
    expect(() => writeBetweenMarkers(file, 'soak', '')).toThrow('no markers of soak');
  } finally {
    await directory.remove();
  }
});

it('finds its markers in the document', () => {
  const document = readFileSync(REPORT_FILE, 'utf8');
  for (const name of ['chaos', 'soak']) expect(document).toContain(`<!-- ${name}: begin, written by the suite -->`);
});
