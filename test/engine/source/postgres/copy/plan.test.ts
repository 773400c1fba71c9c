import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { RecordingCopySink } from '../../../../support/recording-copy-sink.ts';
import { startPostgres, type PostgresServer } from '../../../../support/postgres.ts';
import { skipUnless } from '../../../../support/skip.ts';
import { Copying } from './copying.ts';

const SCHEMA = `CREATE TABLE a (id int PRIMARY KEY, v text); INSERT INTO a SELECT n, repeat('x', 100) FROM generate_series(1, 2000) n;
  CREATE TABLE b (id int PRIMARY KEY); INSERT INTO b VALUES (1); ANALYZE`;

describe('what is read, and what is not read again', { skip: skipUnless('postgres-18') }, () => {
  let server: PostgresServer;
  before(async () => {
    server = await startPostgres({ version: '18' });
  });
  after(() => server.destroy());

  test('units that were done stay done, cut as they were; the others are read', async (t) => {
    const copying = await Copying.open(t, server, SCHEMA);
    const { record, expectedRows, limit } = (await copying.snapshot({ unitBytes: 60_000, connections: 3 }))!;
    const [a, b] = record.tables;
    const [part] = a!.parts;
    const units = part!.cuts.length + 1;
    assert.ok(units > 3, `${units} units`);
    assert.equal(expectedRows.length, units + 1);
    // What is smaller than a unit counts for its size.
    assert.deepEqual([limit.bytes.slice(0, -1), limit.bytesMax], [Array(units).fill(60_000), 180_000]);
    assert.equal(limit.bytes.at(-1), 8192);
    const stored = { ...record, tables: [{ ...a!, parts: [{ ...part!, done: `1-${units - 1}`, rows: '1500' }] }, b!] };
    // Units of another size would be cut in other places.
    const snapshot = (await copying.snapshot({ unitBytes: 10_000, stored }))!;
    const sink = new RecordingCopySink();
    await snapshot.read(sink);
    assert.deepEqual(new Set(sink.lines.filter((line) => line.startsWith('end '))), new Set(['end 0', `end ${units}`]));
    const ids = sink.changes.flatMap((line) => /public\.a new\((\d+)/.exec(line)?.[1] ?? []).map(Number);
    assert.equal(Math.max(...ids) + 1, Number(part!.cuts[0]![0]));
    assert.deepEqual([snapshot.record.startedAt, snapshot.record.tables[0]!.parts[0]!.rows], [record.startedAt, '1500']);
  });

  test('tables that were finished are not read, new ones are, and with nothing left there is no snapshot', async (t) => {
    const copying = await Copying.open(t, server, SCHEMA);
    const { record } = (await copying.snapshot())!;
    const finished = {
      ...record,
      finishedAt: record.startedAt,
      tables: record.tables.map((table) => ({ ...table, rows: '5', parts: [] })),
    };
    assert.equal(await copying.snapshot({ stored: finished }), null);
    await copying.query('CREATE TABLE c (id int PRIMARY KEY); INSERT INTO c VALUES (8)');
    const snapshot = (await copying.snapshot({ stored: finished }))!;
    const sink = new RecordingCopySink();
    await snapshot.read(sink);
    assert.deepEqual(sink.changes, ['insert public.c new(8)']);
    assert.deepEqual(
      snapshot.record.tables.map(({ name, rows }) => [name, rows]),
      [
        ['public.a', '5'],
        ['public.b', '5'],
        ['public.c', '0'],
      ],
    );
  });

  test('a table whose key is another one now is read anew', async (t) => {
    const copying = await Copying.open(t, server, SCHEMA);
    const { record } = (await copying.snapshot({ unitBytes: 60_000 }))!;
    const stored = {
      ...record,
      tables: record.tables.map((table) => ({ ...table, parts: table.parts.map((part) => ({ ...part, done: '0' })) })),
    };
    await copying.query('ALTER TABLE a DROP CONSTRAINT a_pkey; ALTER TABLE a ADD PRIMARY KEY (v, id)');
    const [a] = (await copying.snapshot({ unitBytes: 60_000, stored }))!.record.tables;
    assert.deepEqual([a!.parts[0]!.key, a!.parts[0]!.done], [['v', 'id'], '']);
  });

  test('a table without a key is read again as a whole, since its rows move between pages, unless all of it was done', async (t) => {
    const schema = "CREATE TABLE k (n int, pad text); INSERT INTO k SELECT n, repeat('x', 100) FROM generate_series(1, 2000) n";
    const copying = await Copying.open(t, server, schema);
    const { record } = (await copying.snapshot({ unitBytes: 60_000 }))!;
    const [k] = record.tables;
    const [part] = k!.parts;
    assert.ok(part!.cuts.length > 2, `${part!.cuts.length} cuts`);
    const storedWith = (done: string) => ({ ...record, tables: [{ ...k!, parts: [{ ...part!, done, rows: '9' }] }] });
    const snapshot = (await copying.snapshot({ unitBytes: 60_000, stored: storedWith(`0-${part!.cuts.length - 1}`) }))!;
    const sink = new RecordingCopySink();
    await snapshot.read(sink);
    assert.equal(sink.changes.length, 2000);
    const whole = (await copying.snapshot({ unitBytes: 60_000, stored: storedWith(`0-${part!.cuts.length}`) }))!;
    assert.equal(whole.record.tables[0]!.parts[0]!.rows, '9');
  });
});
