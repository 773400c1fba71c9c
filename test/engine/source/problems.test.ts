import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nameSome, problem, raiseProblems } from '../../../engine/source/problems.ts';

const LEVEL = problem('WAL_LEVEL', 'wal_level is replica.', { wal_level: 'replica' });
const STANDBY = problem('SERVER_STANDBY', 'The server is a standby.');

test('no problem is none, one is itself, several are all told', () => {
  raiseProblems([]);
  assert.throws(() => raiseProblems([LEVEL]), { code: 'WAL_LEVEL', message: 'wal_level is replica.', details: { wal_level: 'replica' } });
  assert.throws(() => raiseProblems([LEVEL, STANDBY]), {
    code: 'PREFLIGHT_FAILED',
    message: '2 things stand in the way:\n1. [WAL_LEVEL] wal_level is replica.\n2. [SERVER_STANDBY] The server is a standby.',
    details: { codes: 'WAL_LEVEL SERVER_STANDBY' },
  });
});

test('long lists are cut', () => {
  assert.equal(nameSome([]), '');
  assert.equal(nameSome(['a', 'b'], 2), 'a, b');
  assert.equal(nameSome(['a', 'b', 'c', 'd'], 2), 'a, b and 2 more');
});
