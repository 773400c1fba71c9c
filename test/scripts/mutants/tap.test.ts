import assert from 'node:assert/strict';
import { test } from 'node:test';
import { literalPattern, readTap } from '../../../scripts/mutants/tap.ts';

const MISMATCH = '# SKIP test name does not match pattern';

test('a test is found among those that did not match, also inside a suite', () => {
  const output = ['TAP version 13', `ok 1 - other ${MISMATCH}`, '# Subtest: suite', '    not ok 1 - is kept in order', 'ok 2 - suite'].join(
    '\n',
  );
  assert.deepEqual(readTap(output, 'is kept in order'), { kind: 'failed' });
  assert.deepEqual(readTap(output.replace('not ok', 'ok'), 'is kept'), { kind: 'passed' });
  assert.deepEqual(readTap(output, 'is lost'), { kind: 'absent' });
});

test('a skipped test has its reason, and one that ran among several counts', () => {
  assert.deepEqual(readTap('ok 1 - a \\#1 # SKIP kcat is missing\n', 'a #1'), { kind: 'skipped', reason: 'kcat is missing' });
  assert.deepEqual(readTap('ok 1 - a, one # SKIP no root\nok 2 - a, two\n', 'a, '), { kind: 'passed' });
});

test('a process that a signal ended has crashed; one that could not begin has not run the test', () => {
  const file = (end: string) => `# Subtest: a.test.js\nnot ok 1 - a.test.js\n  ---\n  ${end}\n  ...\n`;
  assert.deepEqual(readTap(file("signal: 'SIGABRT'"), 'is joined'), { kind: 'crashed' });
  assert.deepEqual(readTap(file('signal: ~'), 'is joined'), { kind: 'absent' });
});

test('a name is taken literally', () => {
  const name = "0 means (a|b) [x].*/ and what's $1";
  assert.match(`before ${name} after`, new RegExp(literalPattern(name)));
  assert.doesNotMatch('0 means a', new RegExp(literalPattern(name)));
});
