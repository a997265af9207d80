/** The version of Reveille, for log lines, metrics and `--version`; a test compares it with package.json. */
export const VERSION = '0.1.0';
