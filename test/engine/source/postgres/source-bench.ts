import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach } from 'node:test';
import type { Position } from '../../../../engine/change/position.ts';
import { recordSource, type RunningSource } from '../../../support/postgres-source.ts';
import type { PostgresVersion } from '../../../support/postgres-install.ts';
import { startPostgres, type PostgresServer, type PostgresSettings } from '../../../support/postgres.ts';

/** A server with the published table `t` and the quiet one `other`, and for each test a slot of its own. For use inside a suite. */
export class SourceBench {
  server!: PostgresServer;
  slot = '';
  private slots = 0;
  private running: RunningSource[] = [];

  constructor(version: PostgresVersion, settings: PostgresSettings = {}) {
    before(async () => {
      this.server = await startPostgres({ version, ssl: true, settings });
      await this.server.query('CREATE TABLE t(id int PRIMARY KEY, v text)');
      await this.server.query('CREATE TABLE other(id int PRIMARY KEY)');
      await this.server.query('CREATE PUBLICATION p FOR TABLE t');
    });
    after(() => this.server.destroy());
    beforeEach(async () => {
      await this.server.query('TRUNCATE t, other');
      this.slot = `s${this.slots++}`;
      await this.server.query(`SELECT pg_create_logical_replication_slot('${this.slot}', 'pgoutput')`);
    });
    // Those that a failed test left behind would keep the process from ending.
    afterEach(async () => {
      for (const running of this.running.splice(0)) await running.source.stop();
    });
  }

  async record(request: Partial<Parameters<typeof recordSource>[0]> = {}): Promise<RunningSource> {
    const running = await recordSource({ server: this.server, slot: this.slot, publication: 'p', ...request });
    this.running.push(running);
    return running;
  }

  /** The slot's `confirmed_flush_lsn`. */
  async confirmed(): Promise<bigint> {
    const query = 'SELECT (confirmed_flush_lsn - $1)::text AS at FROM pg_replication_slots WHERE slot_name = $2';
    const [row] = await this.server.query<{ at: string }>(query, ['0/0', this.slot]);
    return BigInt(row!.at);
  }

  /** The server's process that reads from the slot. */
  async walSender(): Promise<number | null> {
    const query = 'SELECT active_pid AS pid FROM pg_replication_slots WHERE slot_name = $1';
    return (await this.server.query<{ pid: number | null }>(query, [this.slot]))[0]?.pid ?? null;
  }

  positionOf(lsn: string): Position {
    return { kind: 'postgres', parts: [{ connection: this.slot, lsn }] };
  }

  /** The position of the last whole transaction. */
  lastCommit(running: RunningSource): Position {
    return this.positionOf(running.sink.lines.findLast((line) => line.startsWith('commit'))!.slice('commit '.length));
  }

  async finish(running: RunningSource): Promise<void> {
    await running.source.stop();
    assert.equal(await running.ended(), null);
    await this.server.query(`SELECT pg_drop_replication_slot('${this.slot}')`);
  }
}

/** For each test a server of its own, streamed from with the tables that the test makes. For use inside a suite. */
export class TablesBench {
  server!: PostgresServer;
  running!: RunningSource;
  /** What `MILLRACE_TABLES` would say of a relation and what it is a partition of. */
  selects: (names: string[]) => boolean | null = () => true;

  constructor(version: PostgresVersion) {
    beforeEach(async () => {
      this.server = await startPostgres({ version });
      this.selects = () => true;
    });
    afterEach(async () => {
      await this.running.source.stop();
      await this.server.destroy();
    });
  }

  /** Creates tables, a publication and a slot, and streams from there. */
  async stream(create: string, publication: string): Promise<void> {
    await this.server.query(create);
    await this.server.query(`CREATE PUBLICATION p FOR ${publication}`);
    await this.server.query("SELECT pg_create_logical_replication_slot('s', 'pgoutput')");
    const options = { selects: (lineage: readonly { table: string }[]) => this.selects(lineage.map(({ table }) => table)) };
    this.running = await recordSource({ server: this.server, slot: 's', publication: 'p', options });
  }

  /** `key: change` of each row so far, once there are as many as expected. */
  async expect(rows: readonly string[]): Promise<void> {
    const { sink } = this.running;
    await this.running.until(() => sink.changes.length >= rows.length, `${rows.length} rows`);
    assert.deepEqual(
      sink.changes.map((line, index) => `${sink.rowKeys[index]}: ${line}`),
      rows,
    );
  }
}
