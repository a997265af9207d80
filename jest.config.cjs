'use strict';

const projects = ['apps', 'libs'].flatMap((folder) => require('node:fs').readdirSync(`${__dirname}/${folder}`).map((name) => `<rootDir>/${folder}/${name}`));

module.exports = {
  projects: [...projects, '<rootDir>/e2e', '<rootDir>/bench'],
  reporters: ['default', '<rootDir>/tools/plain-summary-reporter.cjs'],
  maxWorkers: 2,
};
