'use strict';

/** Prints the last line of a run in the form that any CI can read: `N passed, N failed`. */
module.exports = class PlainSummaryReporter {
  onRunComplete(_contexts, results) {
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests + results.numTodoTests;
    const line = `${results.numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
    // After the other reporters, which may still write to stderr.
    process.on('exit', () => process.stdout.write(`${line}\n`));
  }
};
