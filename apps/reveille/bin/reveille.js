#!/usr/bin/env node
'use strict';
// Committed, so that npm can link `reveille` at install time, before anything is built.
const { existsSync } = require('node:fs');
const { join } = require('node:path');

const main = join(__dirname, '../../../dist/apps/reveille/main.js');
if (!existsSync(main)) {
  process.stderr.write('reveille: not built yet; run `npm run build` first (or `npm start`, which does everything)\n');
  process.exit(2);
}
require(main);
