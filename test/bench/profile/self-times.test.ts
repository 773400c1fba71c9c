import assert from 'node:assert/strict';
import { test } from 'node:test';
import { selfTimes } from '../../../bench/profile/self-times.ts';

test('a function that is reached by two ways is one line with both times', () => {
  const frame = (functionName: string, url: string, lineNumber: number) => ({ functionName, url, lineNumber });
  const profile = {
    nodes: [
      { id: 1, callFrame: frame('(idle)', '', -1) },
      { id: 2, callFrame: frame('encode', 'file:///x/dist/engine/encode/loop.js', 9) },
      { id: 3, callFrame: frame('encode', 'file:///x/dist/engine/encode/loop.js', 9) },
    ],
    samples: [1, 2, 3, 2],
    timeDeltas: [5000, 1000, 2000, 500],
  };
  assert.deepEqual(selfTimes(profile), [
    { place: '(idle)', milliseconds: 5 },
    { place: 'encode  engine/encode/loop.js:10', milliseconds: 3.5 },
  ]);
});
