import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decideMode } from '../../../engine/checkpoint/sync-mode.ts';
import { sampleContent, SNAPSHOT } from './sample.ts';

const FULL = { position: null, snapshot: { ...SNAPSHOT, mode: 'FULL' as const } };
const STREAM = sampleContent('0/1');
const UNFINISHED = sampleContent('0/1', { snapshot: SNAPSHOT });
const FINISHED = sampleContent('0/1', { snapshot: { ...SNAPSHOT, finishedAt: SNAPSHOT.startedAt } });

test('FULL goes on with its own snapshot, and never takes the place of a stream', () => {
  assert.deepEqual(decideMode('FULL', null), { snapshot: null, notice: null });
  const goesOn = decideMode('FULL', FULL);
  assert.equal(goesOn.snapshot, FULL.snapshot);
  assert.match(goesOn.notice!, /goes on at a later moment/);
  const finished = { ...FULL, snapshot: { ...FULL.snapshot, finishedAt: FULL.snapshot.startedAt } };
  assert.deepEqual(decideMode('FULL', finished), { snapshot: finished.snapshot, notice: null });
  for (const stored of [STREAM, UNFINISHED, FINISHED]) assert.throws(() => decideMode('FULL', stored), { code: 'SYNC_MODE_CHANGED' });
});

test('INCREMENTAL never leaves a snapshot unfinished', () => {
  assert.deepEqual(decideMode('INCREMENTAL', STREAM), { snapshot: null, notice: null });
  assert.deepEqual(decideMode('INCREMENTAL', FINISHED), { snapshot: FINISHED.snapshot, notice: null });
  assert.throws(() => decideMode('INCREMENTAL', UNFINISHED), { code: 'SYNC_MODE_CHANGED', message: /begun at 2026-03-01T11:00/ });
  assert.match(decideMode('INCREMENTAL', FULL).notice!, /what changed between its snapshot and the start of the slot is not exported/);
});

test('FULL + INCREMENTAL goes on with its snapshot; one that had no slot does not count', () => {
  assert.deepEqual(decideMode('FULL + INCREMENTAL', null), { snapshot: null, notice: null });
  assert.deepEqual(decideMode('FULL + INCREMENTAL', UNFINISHED), { snapshot: SNAPSHOT, notice: null });
  assert.deepEqual(decideMode('FULL + INCREMENTAL', FINISHED), { snapshot: FINISHED.snapshot, notice: null });
  const afterFull = decideMode('FULL + INCREMENTAL', FULL);
  assert.equal(afterFull.snapshot, null);
  assert.match(afterFull.notice!, /read anew/);
  assert.match(decideMode('FULL + INCREMENTAL', STREAM).notice!, /read now, then the stream goes on/);
});
