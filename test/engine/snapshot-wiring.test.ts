import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SnapshotRecord } from '../../engine/change/snapshot.ts';
import type { CheckpointBook } from '../../engine/checkpoint/book.ts';
import { countsOf, wireSnapshot, type UnitParts } from '../../engine/snapshot-wiring.ts';
import type { SnapshotSource } from '../../engine/source/source.ts';

const PART = { oid: 1, name: 'public.t', key: ['id'], cuts: [['5']], done: '', rows: '0' };
const RECORD: SnapshotRecord = {
  mode: 'FULL + INCREMENTAL',
  startedAt: '2026-03-01T12:00:00.000Z',
  finishedAt: null,
  tables: [{ oid: 1, name: 'public.t', rows: '7', parts: [PART] }],
};

test('a unit is recorded when its rows are delivered, and its rows count', async () => {
  const words = new Int32Array(new SharedArrayBuffer(64));
  const stored: (readonly [units: string, rows: number])[] = [];
  const book = {
    planSnapshot: () => undefined,
    storeSnapshot: async ({ tables }: SnapshotRecord, rows: number) => void stored.push([tables[0]!.parts[0]?.done ?? 'all', rows]),
  };
  let endReading: () => void = () => undefined;
  const source = {
    record: RECORD,
    expectedRows: [2, 2],
    limit: { bytes: [1, 1], bytesMax: 2 },
    micros: -1n,
    read: () => new Promise<void>((resolve) => (endReading = resolve)),
    resume: () => undefined,
    stop: () => endReading(),
    close: async () => undefined,
  };
  const parts = {
    config: { checkpointIntervalMs: 0 },
    sink: { delivery: { epochs: { words, base: 0, stride: 2, slots: 8, outstanding: 0, poisoned: 1 } } },
    encoders: { rings: [] },
    now: () => performance.now(),
    onError: assert.fail,
    tell: () => undefined,
  };
  const { run, rowUnits } = wireSnapshot(
    source as unknown as SnapshotSource,
    book as unknown as CheckpointBook,
    parts as unknown as UnitParts,
  );
  assert.deepEqual([rowUnits.microsHigh, rowUnits.microsLow], [-1, -1]);
  const running = run.run({ flush: () => undefined } as unknown as Parameters<typeof run.run>[0]);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(stored.splice(0), [['', 0]], 'what is about to be read');
  const slots = [0, 1].map((unit) => {
    const epoch = rowUnits.enter(unit)!;
    epoch.rows += 2;
    words[epoch.slot * 2] = 2;
    rowUnits.end(unit);
    return epoch.slot;
  });
  run.tick();
  assert.deepEqual(stored, [], 'their messages are under way');
  words[slots[1]! * 2] = 0;
  run.tick();
  assert.deepEqual(stored, [['1', 2]], 'the other one is not delivered');
  await new Promise((resolve) => setImmediate(resolve));
  words[slots[0]! * 2] = 0;
  run.tick();
  assert.deepEqual(stored.slice(1), [['all', 4]]);
  await run.stop(performance.now() + 30_000);
  await running;
});

test('counts are those of tables, with and without units', () => {
  const two = { ...RECORD, tables: [{ ...RECORD.tables[0]!, parts: [{ ...PART, rows: '3' }, PART] }] };
  assert.deepEqual(countsOf(two), [{ table: 'public.t', rows: '10' }]);
});
