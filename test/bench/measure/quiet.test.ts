import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseBusySeconds } from '../../../bench/measure/quiet.ts';

test('busy time leaves out idle and I/O wait, and guests that user time holds already', () => {
  assert.equal(parseBusySeconds('cpu  100 20 30 100000 5000 1 2 47 60 70\ncpu0 1 2 3\n'), 2);
});
