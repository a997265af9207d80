'use strict';
const { TestEnvironment } = require('jest-environment-node');

/** Calls `globalThis.onTestFailure` (set by src/start-relay.ts) when a test fails, so that the processes' logs are seen. */
module.exports = class FailureLogEnvironment extends TestEnvironment {
  handleTestEvent({ name }) {
    if (name === 'test_fn_failure' || name === 'hook_failure') this.global.onTestFailure?.();
  }
};
