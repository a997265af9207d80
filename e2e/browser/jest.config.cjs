// Of the project e2e, whose helpers it uses, but reported and run by itself: it needs a browser.
module.exports = {
  ...require('../../jest.preset.cjs')('browser'),
  testMatch: ['<rootDir>/**/*.test.ts'],
  testEnvironment: '<rootDir>/../failure-log-environment.cjs',
  setupFilesAfterEnv: ['<rootDir>/../src/set-timeout.ts'],
};
