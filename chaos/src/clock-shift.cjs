'use strict';
// Loaded into a role with --require: moves its wall clock as an operator or a time server does. CHAOS_CLOCK_FILE names a file
// that holds the shift in milliseconds; SIGUSR2 says that it has changed. The monotonic clock and timers stay as they are.
const { readFileSync } = require('node:fs');

const file = process.env.CHAOS_CLOCK_FILE;
const RealDate = Date;
let shiftMs = 0;

function readShift() {
  try {
    shiftMs = Number(readFileSync(file, 'utf8')) || 0;
  } catch {
    shiftMs = 0; // no file: nothing has been moved yet
  }
}

class ShiftedDate extends RealDate {
  constructor(...args) {
    if (args.length === 0) super(RealDate.now() + shiftMs);
    else super(...args);
  }

  static now() {
    return RealDate.now() + shiftMs;
  }
}

if (file !== undefined) {
  readShift();
  globalThis.Date = ShiftedDate;
  process.on('SIGUSR2', readShift);
}
