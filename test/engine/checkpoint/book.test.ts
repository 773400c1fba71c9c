import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Position } from '../../../engine/change/position.ts';
import { CheckpointBook } from '../../../engine/checkpoint/book.ts';
import type { CheckpointContent, CheckpointRecord } from '../../../engine/checkpoint/record.ts';
import type { CheckpointStore } from '../../../engine/checkpoint/store.ts';
import { READS, SNAPSHOT } from './sample.ts';
import { lsnOf } from '../../support/lsn-of.ts';

const at = (lsn: string): Position => ({ kind: 'postgres', parts: [{ connection: 's', lsn }] });
const SOURCE = {
  kind: 'postgres',
  slot: 's',
  claim: 'created',
  systemIdentifier: '1',
  timeline: 1,
  snapshotLsn: null,
  database: 'd',
  publication: 'p',
  publicationOid: 1,
} as const;

/** A store that keeps what it is given, or fails when told to. */
function memoryStore(loaded: CheckpointRecord | null): { store: CheckpointStore; written: CheckpointContent[]; fail: { next: boolean } } {
  const written: CheckpointContent[] = [];
  const fail = { next: false };
  const store: CheckpointStore = {
    loaded,
    generation: 1,
    warnings: [],
    lost: new Promise<never>(() => {}),
    renewCredentials: async () => {},
    store: async (content) => {
      if (fail.next) throw new Error('disk full');
      written.push(content);
    },
    close: async () => {},
  };
  return { store, written, fail };
}

test('rows go on counting from where earlier processes stopped, beyond what a double can count', async () => {
  const loaded: CheckpointRecord = {
    changefeed: 'c',
    generation: 1,
    sequence: 1,
    writtenAt: '2026-01-01T00:00:00.000Z',
    position: at('0/1'),
    source: SOURCE,
    topics: {},
    rowsDelivered: '9007199254740993',
    schemaVersion: 3,
    tables: [],
    schemas: {},
    snapshot: null,
    reads: [],
  };
  const { store, written } = memoryStore(loaded);
  const book = new CheckpointBook(store, SOURCE);
  await book.advance(at('0/2'), 4);
  assert.equal(written.at(-1)?.rowsDelivered, '9007199254740997');
  assert.equal(written.at(-1)?.schemaVersion, 3);
});

test('what a start settles goes out with the next position', async () => {
  const { store, written } = memoryStore(null);
  const book = new CheckpointBook(store, SOURCE);
  book.settle({ position: at('0/1'), source: SOURCE }, { changes: 4 }, ['public.t']);
  assert.equal(written.length, 0);
  await book.advance(at('0/2'), 1);
  assert.deepEqual([written[0]?.topics, written[0]?.tables, written[0]?.position], [{ changes: 4 }, ['public.t'], at('0/2')]);
});

test('a position that could not be stored is not the stored one', async () => {
  const { store, fail } = memoryStore(null);
  const book = new CheckpointBook(store, SOURCE);
  await book.begin(at('0/1'), SOURCE);
  fail.next = true;
  await assert.rejects(book.advance(at('0/2'), 1), /disk full/);
  assert.deepEqual(book.position, at('0/1'));
});

test('a version of a table keeps its number over restarts, a new one gets the next, and what was not stored is given again', async () => {
  const first = memoryStore(null);
  const book = new CheckpointBook(first.store, SOURCE);
  assert.deepEqual([book.schemaVersionOf('a'), book.schemaVersionOf('b'), book.schemaVersionOf('a')], [1, 2, 1]);
  await book.advance(at('0/2'), 1);
  assert.equal(book.schemaVersionOf('c'), 3);
  const { position, source, ...rest } = first.written[0]!;
  const loaded = { changefeed: 'c', generation: 1, sequence: 1, writtenAt: '2026-01-01T00:00:00.000Z', position, source, ...rest };
  const next = new CheckpointBook(memoryStore(loaded).store, SOURCE);
  assert.deepEqual(
    [next.schemaVersionOf('b'), next.schemaVersionOf('c'), next.schemaVersionOf('a'), next.schemaVersionOf('d')],
    [2, 3, 1, 4],
  );
});

test('what stream and reads give to the store at the same time is in the later record of the two', async () => {
  const { store, written } = memoryStore(null);
  const book = new CheckpointBook(store, SOURCE);
  const [read] = READS;
  const both = [book.advance(at('0/5'), 4), book.storeReads([read!], 3)];
  await Promise.all(both);
  assert.deepEqual(
    written.map(({ position, reads, rowsDelivered }) => [lsnOf(position), reads.length, rowsDelivered]),
    [
      ['0/5', 0, '4'],
      ['0/5', 1, '7'],
    ],
  );
  book.planReads([]);
  await book.advance(at('0/6'), 5);
  assert.deepEqual([written.at(-1)?.reads, written.at(-1)?.rowsDelivered], [[], '8']);
});

test('a table that joined is one of the snapshot, once', async () => {
  const { store } = memoryStore(null);
  const book = new CheckpointBook(store, SOURCE);
  book.addToSnapshot(SNAPSHOT);
  assert.deepEqual([book.snapshot], [null], 'changes alone are exported');
  book.planSnapshot({ ...SNAPSHOT, tables: SNAPSHOT.tables.slice(0, 1) });
  book.addToSnapshot(SNAPSHOT);
  assert.deepEqual(book.snapshot?.tables, SNAPSHOT.tables);
});

test('what a finished snapshot has of tables that are exported no longer is given up at once, and of an unfinished one nothing', async () => {
  const table = (oid: number) => ({ oid, name: `public.t${oid}`, rows: '1', parts: [] });
  const snapshot = { mode: 'FULL + INCREMENTAL', startedAt: '2026-01-01T00:00:00.000Z', tables: [table(1), table(2)] } as const;
  const { store, written } = memoryStore(null);
  const book = new CheckpointBook(store, SOURCE);
  await book.forgetOthers(new Set([1]));
  book.planSnapshot({ ...snapshot, finishedAt: null });
  await book.forgetOthers(new Set([1]));
  book.planSnapshot({ ...snapshot, finishedAt: '2026-01-02T00:00:00.000Z' });
  await book.forgetOthers(new Set([1, 2, 3]));
  assert.equal(written.length, 0);
  await book.forgetOthers(new Set([1, 3]));
  assert.deepEqual(written.at(-1)?.snapshot?.tables, [table(1)]);
});
