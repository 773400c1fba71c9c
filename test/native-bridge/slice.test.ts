import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { shortenTimeSlices } from '../../native-bridge/index.ts';
import { shortTimeSlice, timeSlice } from '../support/time-slices.ts';

test('short time slices hold for the thread that asked, and not for what it starts', () => {
  const usual = timeSlice();
  const short = shortTimeSlice();
  assert.equal(shortenTimeSlices(), short);
  assert.equal(timeSlice(), short === 0 ? usual : short);
  assert.equal(timeSlice(execFileSync('cat', ['/proc/self/sched'], { encoding: 'utf8' })), usual);
});
