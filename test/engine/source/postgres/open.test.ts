import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { SnapshotRecord } from '../../../../engine/change/snapshot.ts';
import type { PostgresStart } from '../../../../engine/change/source-binding.ts';
import { openPostgres } from '../../../../engine/source/postgres/open.ts';
import type { OpenedSource } from '../../../../engine/source/source.ts';
import { lsnOf } from '../../../support/lsn-of.ts';
import { RecordingCopySink } from '../../../support/recording-copy-sink.ts';
import { skipUnless } from '../../../support/skip.ts';
import { Shop } from './starts.ts';
import { ALL_VERSIONS } from '../../../support/postgres-install.ts';

/** A start for rows and changes, and what it stored last. */
async function start(shop: Shop, stored: PostgresStart | null, snapshot: SnapshotRecord | null) {
  const request = { connections: 2, unitBytes: 1e9, lineBytesMax: 1e6, walLimitBytes: null, walLimitDrops: false };
  const options = {
    ...shop.options('*', { readOnce: { mviews: false } }),
    url: shop.url(),
    environment: {},
    secretFile: null,
    snapshot: { mode: 'FULL + INCREMENTAL', stored: snapshot, ...request },
  } as const;
  let saved = stored;
  let version = 0;
  const opened = await openPostgres(options, stored, {
    events: { warn: () => undefined, info: () => undefined },
    accept: async () => undefined,
    save: async (intent) => void (saved = intent),
    forgetOthers: () => Promise.resolve(),
    schemaVersionOf: () => ++version,
  });
  return { opened, saved };
}

/** What a start reads, in a fixed order; then everything is closed. */
async function read(t: TestContext, opened: OpenedSource): Promise<string[]> {
  const { snapshot } = opened;
  t.after(() => opened.close());
  const sink = new RecordingCopySink();
  await snapshot!.read(sink);
  await snapshot!.close();
  return sink.changes.toSorted();
}

for (const version of ALL_VERSIONS) {
  const skip = skipUnless(`postgres-${version}`);
  test(
    `PostgreSQL ${version}: what is read and the stream meet where the slot starts, also when the rest is read later`,
    { skip },
    async (t) => {
      const tables = 'CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY);';
      const shop = await Shop.open(version, `${tables} INSERT INTO a VALUES (1), (2); INSERT INTO b VALUES (1), (2)`);
      const change = 'DELETE FROM a WHERE id = 1; DELETE FROM b WHERE id = 1; INSERT INTO a VALUES (3); INSERT INTO b VALUES (3)';

      const first = await start(shop, null, null);
      const lsn = lsnOf(first.opened.stream!.position);
      assert.equal(lsn, (await shop.slotRow())!['confirmed_flush_lsn']);
      assert.deepEqual(first.saved!.position, first.opened.stream!.position, 'stored before anything is read');
      await shop.query(change);
      const before = ['insert public.a new(1)', 'insert public.a new(2)', 'insert public.b new(1)', 'insert public.b new(2)'];
      assert.deepEqual(await read(t, first.opened), before);

      // Killed when the units of `a` were stored: their rows' changes since then come by the stream alone.
      const { record } = first.opened.snapshot!;
      const done = { ...record, tables: record.tables.map((table) => (table.name === 'public.a' ? allDone(table) : table)) };
      const second = await start(shop, first.saved, done);
      assert.deepEqual(second.opened.stream!.position, first.opened.stream!.position);
      assert.deepEqual(await read(t, second.opened), ['insert public.b new(2)', 'insert public.b new(3)']);
      assert.equal((await shop.slotRow())!['confirmed_flush_lsn'], lsn);
    },
  );
}

function allDone(table: SnapshotRecord['tables'][number]): SnapshotRecord['tables'][number] {
  return { ...table, parts: table.parts.map((part) => ({ ...part, done: '0', rows: '2' })) };
}
