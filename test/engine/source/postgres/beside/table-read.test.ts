import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ALL_VERSIONS } from '../../../../support/postgres-install.ts';
import { startPostgres, type PostgresServer } from '../../../../support/postgres.ts';
import { RecordingCopySink } from '../../../../support/recording-copy-sink.ts';
import { skipUnless } from '../../../../support/skip.ts';
import { Copying } from '../copy/copying.ts';
import { Reading } from './reading.ts';

const SCHEMA = `CREATE TABLE t (id int PRIMARY KEY, v text); CREATE PUBLICATION p FOR ALL TABLES WITH (publish_via_partition_root);
  INSERT INTO t SELECT n, 'old' FROM generate_series(1, 3) n`;

for (const version of ALL_VERSIONS) {
  describe(`a table that is read beside a stream, PostgreSQL ${version}`, { skip: skipUnless(`postgres-${version}`) }, () => {
    let server: PostgresServer;
    before(async () => {
      server = await startPostgres({ version });
    });
    after(() => server.destroy());

    const idsOf = (sink: RecordingCopySink) => sink.lines.flatMap((line) => /^insert .* new\((\d+),/.exec(line)?.[1] ?? []);

    test('its chunk is what one snapshot shows, given once the stream has reached the place behind it', async (t) => {
      const copying = await Copying.open(t, server, SCHEMA);
      const reading = new Reading(t, copying);
      const sink = new RecordingCopySink();
      const read = await reading.open();
      let looks = 0;
      reading.reach = async () => {
        looks += 1;
        // The first look is before the snapshot, which shows what comes meanwhile; the second behind it.
        await copying.query(`INSERT INTO t VALUES (${10 + looks}, 'new')`);
      };
      await read.read(sink);
      assert.equal(looks, 2);
      assert.deepEqual(idsOf(sink), ['1', '2', '3', '11'], sink.lines.join('\n'));
      assert.equal(sink.shown.length, 1);
      const [row] = await copying.query<{ first: string; second: string }>(
        'SELECT (SELECT xmin::text FROM t WHERE id = 11) AS first, (SELECT xmin::text FROM t WHERE id = 12) AS second',
      );
      assert.deepEqual([sink.shown[0]!.shows(Number(row!.first)), sink.shown[0]!.shows(Number(row!.second))], [true, false]);
      assert.equal(sink.lines.at(-1), 'end 0');
    });

    test('begins no chunk before its topics are known', async (t) => {
      const copying = await Copying.open(t, server, SCHEMA);
      const reading = new Reading(t, copying);
      const read = await reading.open();
      const sink = new RecordingCopySink();
      let looks = 0;
      sink.isPlanned = () => ++looks > 3;
      reading.reach = () => Promise.resolve(assert.ok(looks > 3));
      await read.read(sink);
      assert.deepEqual([looks, idsOf(sink)], [4, ['1', '2', '3']]);
    });

    test('that is stopped before its topics are known ends at once', async (t) => {
      const read = await new Reading(t, await Copying.open(t, server, SCHEMA)).open();
      const sink = new RecordingCopySink();
      sink.isPlanned = () => {
        read.stop();
        return false;
      };
      await read.read(sink);
      assert.deepEqual(
        sink.lines.filter((line) => line.startsWith('insert')),
        [],
      );
    });

    test('is read again in halves where nobody knows what was left out, then the rows that lacked a value, then those that got another key', async (t) => {
      const copying = await Copying.open(t, server, SCHEMA);
      const reading = new Reading(t, copying);
      const sink = new RecordingCopySink();
      sink.outcomes.push({ isBlind: true, again: [] }, { isBlind: false, again: [['2'], ['3']] }, { isBlind: false, again: [['3']] });
      reading.moved.push({ key: ['1'], xid: 3 });
      const read = await reading.open();
      await read.read(sink);
      assert.deepEqual(idsOf(sink), ['1', '2', '3', '1', '2', '3', '3', '2', '3', '1']);
      assert.equal(sink.lines.filter((line) => line === 'end 0').length, 1);
      assert.equal(sink.shown.length, 6);
    });

    test('goes on behind the chunks that are done, under the same cuts', async (t) => {
      const copying = await Copying.open(
        t,
        server,
        `${SCHEMA}; INSERT INTO t SELECT n, repeat('x', 500) FROM generate_series(4, 2000) n; ANALYZE t`,
      );
      const reading = new Reading(t, copying);
      const { record } = await reading.open({}, 100_000);
      const [table] = record.tables;
      const [part] = table!.parts;
      assert.ok(part!.cuts.length > 3);
      const stored = { ...record, tables: [{ ...table!, parts: [{ ...part!, done: '0-1' }] }] };
      const sink = new RecordingCopySink();
      const read = await reading.open({ stored }, 100_000);
      await read.read(sink);
      assert.deepEqual(read.record.tables[0]!.parts[0]!.cuts, part!.cuts);
      assert.deepEqual(
        sink.lines.filter((line) => line.startsWith('end ')),
        part!.cuts.slice(1).map((_, index) => `end ${index + 2}`),
      );
      assert.equal(Math.min(...idsOf(sink).map(Number)), Number(part!.cuts[1]![0]));
    });

    test('that is altered or emptied between the plan and a chunk is planned anew', async (t) => {
      for (const change of ['TRUNCATE t', 'ALTER TABLE t ADD w int', 'ALTER TABLE t DROP CONSTRAINT t_pkey, ADD PRIMARY KEY (id, v)']) {
        const copying = await Copying.open(t, server, SCHEMA);
        const reading = new Reading(t, copying);
        const read = await reading.open();
        // Behind the snapshot, before its rows are read; what alters it is before the snapshot.
        let looks = 0;
        reading.reach = async () => void (++looks === (change === 'TRUNCATE t' ? 2 : 1) && (await copying.query(change)));
        await assert.rejects(read.read(new RecordingCopySink()), { code: 'SNAPSHOT_OUTDATED' }, change);
      }
    });

    test('that is stopped ends at once, wherever it waits', async (t) => {
      const copying = await Copying.open(t, server, SCHEMA);
      const reading = new Reading(t, copying);
      const writer = await copying.client();
      await writer.query("BEGIN; INSERT INTO t VALUES (9, 'open')");
      const read = await reading.open();
      const sink = new RecordingCopySink();
      const running = read.read(sink);
      read.stop();
      await running;
      assert.deepEqual(idsOf(sink), []);
      await writer.query('COMMIT');
    });
  });
}
