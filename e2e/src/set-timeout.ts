/**
 * Only ever the length of a failure, in milliseconds: every test waits on conditions. A process takes a second to start, and
 * several when all cores are busy. (jest takes no `testTimeout` from the configuration of one project among several.)
 */
jest.setTimeout(60_000);
