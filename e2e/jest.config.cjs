module.exports = {
  ...require('../jest.preset.cjs')('e2e'),
  testEnvironment: '<rootDir>/failure-log-environment.cjs',
  setupFilesAfterEnv: ['<rootDir>/src/set-timeout.ts'],
};
