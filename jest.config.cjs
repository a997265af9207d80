'use strict';
const { readdirSync } = require('node:fs');
const { join } = require('node:path');

const below = (folder) => readdirSync(join(__dirname, folder)).map((name) => `<rootDir>/${folder}/${name}`);

module.exports = {
  projects: [...below('apps'), ...below('libs'), '<rootDir>/e2e', '<rootDir>/e2e/browser', '<rootDir>/bench', '<rootDir>/fuzz', '<rootDir>/chaos'],
  reporters: ['default', '<rootDir>/tools/plain-summary-reporter.cjs'],
  // They wait more than they compute: for deadlines, locks and processes.
  maxWorkers: 3,
  // Only ever the length of a failure, in milliseconds: tests wait on conditions, also on a busy machine.
  testTimeout: 30_000,
};
