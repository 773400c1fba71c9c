import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkBootstrap } from './bootstrap-checker.ts';

const COMMENT = 'audit';

/** The rules that messages of these types break; each other one than those of a bootstrap is a change of the stream. */
function broken(...types: readonly string[]): string[] {
  const messages = types.map((type) => ({ type, ...(type.startsWith('bootstrap-') ? { comment: COMMENT } : {}) }));
  return checkBootstrap(messages, COMMENT).map((problem) => problem.split(':')[0]!);
}

const START = 'bootstrap-start';
const ROW = 'bootstrap-insert';
const COMPLETE = 'bootstrap-complete';

test('a read between its marks, with changes anywhere, is sound; so are marks and rows that come again', () => {
  assert.deepEqual(broken('insert', START, ROW, 'update', ROW, COMPLETE, 'delete'), []);
  assert.deepEqual(broken(START, START, ROW, START, ROW, ROW, COMPLETE, COMPLETE), []);
});

test('a mark that is missing, and one at a wrong place, are found', () => {
  assert.deepEqual(broken(ROW, START, ROW, COMPLETE), ['start']);
  assert.deepEqual(broken(START, ROW), ['complete']);
  assert.deepEqual(broken(START, ROW, COMPLETE, ROW, COMPLETE), ['complete']);
  assert.deepEqual(broken(START, ROW, COMPLETE, START), ['complete']);
  assert.deepEqual(broken('insert'), ['start', 'rows', 'complete']);
});

test('each message has the comment of the order', () => {
  const messages = [{ type: START, comment: COMMENT }, { type: ROW }, { type: COMPLETE, comment: 'another' }];
  assert.equal(checkBootstrap(messages, COMMENT).filter((problem) => problem.startsWith('comment')).length, 2);
});
