import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startPostgres, type PostgresServer } from '../../../../support/postgres.ts';
import { RecordingCopySink } from '../../../../support/recording-copy-sink.ts';
import { skipUnless } from '../../../../support/skip.ts';
import { Copying } from '../copy/copying.ts';
import { Reading } from './reading.ts';

const SCHEMA = `CREATE TABLE t (id int PRIMARY KEY, v int); CREATE TABLE excluded (id int PRIMARY KEY); CREATE TABLE keyless (id int);
  CREATE TABLE "odd.name" (id int PRIMARY KEY); INSERT INTO t SELECT n, n % 2 FROM generate_series(1, 10) n;
  CREATE TABLE parted (id int PRIMARY KEY, v int) PARTITION BY RANGE (id);
  CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (1) TO (10);
  CREATE TABLE parted_2 PARTITION OF parted FOR VALUES FROM (10) TO (20); INSERT INTO parted VALUES (1, 1), (11, 1);
  CREATE PUBLICATION p FOR TABLE t, keyless, excluded, parted WITH (publish_via_partition_root)`;

describe('what is read beside a stream', { skip: skipUnless('postgres-15') }, () => {
  let server: PostgresServer;
  before(async () => {
    server = await startPostgres({ version: '15' });
  });
  after(() => server.destroy());

  test('is a table that is selected, published and keyed, under a condition that is one', async (t) => {
    const reading = new Reading(t, await Copying.open(t, server, SCHEMA));
    await assert.rejects(reading.open({ table: 'public.excluded' }), { code: 'READ_TABLE_UNKNOWN' });
    await assert.rejects(reading.open({ table: 'public.parted_1' }), {
      code: 'READ_TABLE_UNKNOWN',
      message: /A partition is read with its table/,
    });
    await assert.rejects(reading.open({ table: 'public.odd.name' }), { code: 'READ_TABLE_UNPUBLISHED' });
    await assert.rejects(reading.open({ table: 'public.keyless' }), { code: 'READ_TABLE_UNKEYED' });
    await assert.rejects(reading.open({ where: 'v = (' }), { code: 'READ_FILTER_INVALID' });
    const sink = new RecordingCopySink();
    await (await reading.open({ where: 'v = 1 OR v = 7 -- the odd ones' })).read(sink);
    assert.equal(sink.lines.filter((line) => line.includes('insert')).length, 5, sink.lines.join('\n'));
  });

  test('is no longer the table that was begun with, once that is dropped, renamed or made again', async (t) => {
    const copying = await Copying.open(t, server, SCHEMA);
    const reading = new Reading(t, copying);
    const { record: stored } = await reading.open();
    await copying.query('ALTER TABLE t RENAME TO u');
    await assert.rejects(reading.open({ stored }), { code: 'READ_TABLE_GONE', message: /renamed to public\.u/ });
    await copying.query('CREATE TABLE t (id int PRIMARY KEY)');
    await assert.rejects(reading.open({ stored }), { code: 'READ_TABLE_GONE' });
    await copying.query('DROP TABLE t, u');
    await assert.rejects(reading.open({ stored }), { code: 'READ_TABLE_GONE', message: /dropped/ });
  });

  test('has partitions as parts, and a row that went from one to another is found', async (t) => {
    const copying = await Copying.open(t, server, SCHEMA);
    const reading = new Reading(t, copying);
    const sink = new RecordingCopySink();
    reading.moved.push({ key: ['11'], xid: 3 });
    const read = await reading.open({ table: 'public.parted' });
    await read.read(sink);
    assert.equal(sink.lines.filter((line) => line.includes('insert')).length, 3, sink.lines.join('\n'));
    assert.deepEqual(
      sink.lines.filter((line) => /^(unit|end)/.test(line)),
      ['unit 0', 'end 0', 'unit 1', 'unit 1', 'end 1'],
    );
  });
});
