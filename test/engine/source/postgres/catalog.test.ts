import assert from 'node:assert/strict';
import test, { after, afterEach, before, describe } from 'node:test';
import { recordSource, type RunningSource } from '../../../support/postgres-source.ts';
import { startPostgres, type PostgresServer } from '../../../support/postgres.ts';
import { skipUnless } from '../../../support/skip.ts';
import { SCENARIOS, type Scenario } from './stalled-tables.ts';

for (const version of ['15', '18'] as const) {
  describe(`a catalogue ahead of the stream, PostgreSQL ${version}`, { skip: skipUnless(`postgres-${version}`), concurrency: 1 }, () => {
    let server: PostgresServer;
    let databases = 0;
    before(async () => {
      server = await startPostgres({ version });
    });
    after(() => server.destroy());

    /** A database of its own with the table, its publication and slot. */
    async function prepare({ create }: Scenario): Promise<string> {
      const database = `d${databases++}`;
      await server.query(`CREATE DATABASE ${database}`);
      await run(database, `${create}; CREATE TABLE stall(id int PRIMARY KEY)`);
      await run(database, 'CREATE PUBLICATION p FOR ALL TABLES');
      await run(database, `SELECT pg_create_logical_replication_slot('${database}', 'pgoutput')`);
      return database;
    }

    /** Each statement is a transaction of its own. */
    async function run(database: string, statements: string): Promise<void> {
      const client = await server.client(database);
      for (const statement of statements.split('; ')) await client.query(statement);
      await client.end();
    }

    let running: RunningSource;
    // One that a failed test left behind would keep the process from ending.
    afterEach(() => running.source.stop());

    async function start(database: string): Promise<void> {
      running = await recordSource({ server, url: server.url(database), slot: database, publication: 'p' });
    }

    async function judge(expected: Scenario['seen'], database: string): Promise<void> {
      const count = () => running.sink.changes.filter((line) => !line.includes('stall')).length;
      if (expected === 'SCHEMA_UNKNOWN') {
        const failure = await running.ended();
        assert.equal(failure?.code, 'SCHEMA_UNKNOWN');
        assert.match(failure.message, /public\.t /);
        assert.equal(count(), 0, 'no row came before the error');
      } else {
        await running.until(() => count() >= expected.length, `${expected.length} rows`);
        const found = running.sink.changes.map((line, index) => `${running.sink.rowKeys[index]}: ${line}`);
        assert.deepEqual(
          found.filter((line) => !line.includes('stall')),
          expected,
        );
      }
      await running.source.stop();
      await server.query(`SELECT pg_drop_replication_slot('${database}')`);
    }

    for (const scenario of SCENARIOS) {
      const { name, rows, ddl, more } = scenario;

      test(`${name}, while the stream is stalled`, async () => {
        const database = await prepare(scenario);
        await start(database);
        running.sink.refusals = Infinity;
        await run(database, 'INSERT INTO stall VALUES (1)');
        await running.until(() => running.source.status().stalled, 'the stall');
        await run(database, [rows, ddl, ...(more === undefined ? [] : [more])].join('; '));
        running.sink.refusals = 0;
        running.source.resume();
        await judge(scenario.seen, database);
      });

      test(`${name}, while nobody reads`, async () => {
        const database = await prepare(scenario);
        await run(database, [rows, ddl, ...(more === undefined ? [] : [more])].join('; '));
        await start(database);
        await judge(scenario.unseen, database);
      });
    }
  });
}
