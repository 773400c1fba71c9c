import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SnapshotRecord } from '../../../engine/change/snapshot.ts';
import { COMMENT_LENGTH_MAX, commentProblem, hasAllRows } from '../../../engine/change/table-read.ts';

test('a comment is a text of limited length, or none', () => {
  for (const comment of [null, '', 'x'.repeat(COMMENT_LENGTH_MAX)]) assert.equal(commentProblem(comment), null);
  for (const comment of [1, undefined, ['a'], 'x'.repeat(COMMENT_LENGTH_MAX + 1)]) {
    assert.equal(commentProblem(comment), 'comment: accepted: a text of up to 1000 characters');
  }
});

test('a read has all rows when they are recorded and its last mark is due', () => {
  const progress: SnapshotRecord = { mode: 'FULL + INCREMENTAL', startedAt: 'then', finishedAt: null, tables: [] };
  const finished = { ...progress, finishedAt: 'now' };
  assert.equal(hasAllRows({ mark: 'complete', progress: finished }), true);
  assert.equal(hasAllRows({ mark: 'complete', progress }), false);
  assert.equal(hasAllRows({ mark: 'complete', progress: null }), false);
  assert.equal(hasAllRows({ mark: null, progress: finished }), false, 'it has no marks');
});
