import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SnapshotRecord } from '../../engine/change/snapshot.ts';
import { TableReads } from '../../engine/checkpoint/table-reads.ts';
import { CurrentUnits, readStats, wireRead, type ReadWiring } from '../../engine/table-read-wiring.ts';
import type { SnapshotSource } from '../../engine/source/source.ts';
import { until } from '../support/wait.ts';

const PART = { oid: 1, name: 'public.t', key: ['id'], cuts: [['5']], done: '', rows: '0' };
const RECORD: SnapshotRecord = {
  mode: 'FULL + INCREMENTAL',
  startedAt: '2026-03-01T12:00:00.000Z',
  finishedAt: null,
  tables: [{ oid: 1, name: 'public.t', rows: '0', parts: [PART] }],
};

test('a chunk counts when its rows are delivered; rows are kept back while many are on their way', async () => {
  const words = new Int32Array(new SharedArrayBuffer(128));
  const reads = new TableReads([], false);
  reads.take({ kind: 'read-table', id: 'r', table: 'public.t', where: null, comment: null });
  let resumes = 0;
  const source = {
    record: RECORD,
    expectedRows: [2.4, 2.3],
    limit: { bytes: [1, 1], bytesMax: 2 },
    micros: 5n,
    read: () => new Promise(() => undefined),
    resume: () => void (resumes += 1),
    stop: () => undefined,
    close: async () => undefined,
  };
  const ring = { used: 0, position: 0, hasPassed: () => true };
  const current = new CurrentUnits(null);
  assert.equal(current.enter(0), null, 'nothing is read yet');
  const wiring = {
    config: { checkpointIntervalMs: 0 },
    sink: { delivery: { epochs: { words, base: 0, stride: 2, slots: 8, outstanding: 0, poisoned: 1 } } },
    encoders: { rings: [ring] },
    now: () => performance.now(),
    onError: assert.fail,
    tell: () => undefined,
    reads,
    current,
    store: async () => undefined,
  };
  const { run } = wireRead(source as unknown as SnapshotSource, 'r', wiring as unknown as ReadWiring);
  void run.run({ flush: () => undefined } as unknown as Parameters<typeof run.run>[0]);
  await new Promise((resolve) => setImmediate(resolve));
  const epoch = current.enter(1)!;
  epoch.rows += 2;
  words[epoch.slot * 2] = 100_000;
  assert.equal(current.enter(1), null, 'too many messages have no report');
  words[epoch.slot * 2] = 2;
  ring.used = 2_000_000;
  assert.equal(current.enter(1), null, 'too much waits in a ring');
  await until(() => resumes > 0, { what: 'the source to be asked again' });
  ring.used = 0;
  assert.equal(current.enter(1), epoch);
  assert.deepEqual([current.microsHigh, current.microsLow], [0, 5]);
  current.end(1);
  run.tick();
  assert.equal(readStats(reads.all)[0]?.chunksDone, 0);
  words[epoch.slot * 2] = 0;
  run.tick();
  const [stats] = readStats(reads.all);
  assert.deepEqual([stats?.chunksDone, stats?.chunks, stats?.rows, stats?.expectedRows], [1, 2, 2, 5]);
});
