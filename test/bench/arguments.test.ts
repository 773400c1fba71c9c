import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseArguments } from '../../bench/arguments.ts';

test('names, counts and the file are read in any order', () => {
  assert.deepEqual(parseArguments(['postgres', '--rows', '20_000', '--runs', '2', 'micro.ring', '--json', 'a.json']), {
    names: ['postgres', 'micro.ring'],
    rows: 20_000,
    runs: 2,
    json: 'a.json',
  });
  assert.deepEqual(parseArguments([]), { names: [], rows: null, runs: null, json: null });
});

test('what is not known or not a count is refused by name', () => {
  assert.throws(() => parseArguments(['--row', '5']), /--row/);
  for (const text of ['0', '-1', '1e6', 'many', '1.5', '99999999999']) assert.throws(() => parseArguments([`--rows=${text}`]), /--rows/);
});
