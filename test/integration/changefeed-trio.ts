import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'smol-toml';
import { Millrace } from '../support/millrace.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/wait.ts';
import { runCommand, type CommandResult } from './command.ts';
import type { Servers } from './servers.ts';

const CHANGEFEEDS = 3;
let made = 0;

/** A service of three changefeeds, each with a database and a topic of its name; the service ends with the test, and its slots go. */
export class ChangefeedTrio {
  readonly engine: Millrace;
  /** Of the changefeeds, in the order of the file. */
  readonly names: readonly string[];
  private readonly servers: Servers;
  private readonly file: string;

  private constructor(engine: Millrace, names: readonly string[], servers: Servers, file: string) {
    this.engine = engine;
    this.names = names;
    this.servers = servers;
    this.file = file;
  }

  /** Nothing runs yet. */
  static async prepare(t: { after(end: () => Promise<void>): void }, servers: Servers): Promise<ChangefeedTrio> {
    made += 1;
    const names = Array.from({ length: CHANGEFEEDS }, (_, index) => `trio${made}_${index + 1}`);
    for (const name of names) {
      await servers.database.query(`CREATE DATABASE ${name}`);
      await servers.database.query('CREATE TABLE t (id int PRIMARY KEY, pad text)', undefined, name);
      await servers.broker.createTopic(name, 2);
    }
    const file = join(tempDir(), 'millrace.toml');
    const trio = new ChangefeedTrio(await Millrace.prepare({ CONFIG: file }), names, servers, file);
    trio.configure({});
    t.after(() => trio.end());
    return trio;
  }

  /** Writes the file: each changefeed with options of its own besides those that all have, without some of them. */
  configure(own: Readonly<Record<string, Readonly<Record<string, unknown>>>>, without: readonly string[] = []): void {
    const names = this.names.filter((name) => !without.includes(name));
    const changefeed = names.map((name) => ({
      changefeed: name,
      topic: name,
      source: { url: this.servers.database.url(name) },
      ...own[name],
    }));
    this.write(stringify({ bootstrap_servers: this.servers.broker.bootstrapServers, tables: 't', changefeed }));
  }

  /** Writes anything into the file. */
  write(text: string): void {
    writeFileSync(this.file, text);
  }

  async insert(name: string, from: number, to: number): Promise<void> {
    await this.servers.database.query(`INSERT INTO t SELECT n, repeat('x', 100) FROM generate_series(${from}, ${to}) n`, undefined, name);
  }

  /** Messages in the topic. */
  async count(name: string): Promise<number> {
    return (await this.servers.broker.endOffsets(name)).reduce((sum, offset) => sum + offset, 0);
  }

  async untilDelivered(name: string, wanted: number): Promise<void> {
    let found = -1;
    const enough = async () => (found = await this.count(name)) >= wanted;
    const what = () => `${wanted} messages in ${name} (${found} are there):\n${this.engine.tail()}`;
    await until(enough, { deadlineMs: 60_000, everyMs: 50, what });
  }

  async untilState(name: string, state: string): Promise<void> {
    const what = () => `${name} to be ${state}:\n${this.engine.tail()}`;
    await until(async () => (await this.shown(name))['state'] === state, { deadlineMs: 60_000, everyMs: 50, what });
  }

  async get(path: string): Promise<Response> {
    return await fetch(`http://127.0.0.1:${this.engine.httpPort}${path}`);
  }

  /** The changefeed in the API. */
  async shown(name: string): Promise<Record<string, unknown>> {
    return (await (await this.get(`/api/v1/changefeeds/${name}`)).json()) as Record<string, unknown>;
  }

  async request(name: string, request: string): Promise<Response> {
    const url = `http://127.0.0.1:${this.engine.httpPort}/api/v1/changefeeds/${name}/${request}`;
    return await fetch(url, { method: 'POST', headers: { 'x-millrace': '1' } });
  }

  async engineMetric(metric: string, name: string): Promise<number> {
    const line = (await this.engine.metrics()).split('\n').find((sample) => sample.startsWith(`${metric}{changefeed="${name}"}`));
    return Number(line?.split(' ').at(-1));
  }

  /** Of the capture that runs now; waits for one. */
  async capturePid(name: string): Promise<number> {
    const main = new RegExp(
      `^millrace_thread_cpu_seconds_total\\{changefeed="${name}",process="capture",thread="main",id="(\\d+)"\\}`,
      'm',
    );
    return Number(await until(async () => main.exec(await this.engine.metrics())?.[1], { what: `the capture of ${name}` }));
  }

  /** Drops the slot under the changefeed. */
  async loseSlot(name: string): Promise<void> {
    const slot = `millrace_${name}`;
    const { database } = this.servers;
    await until(
      async () => {
        await database.query(`SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = '${slot}' AND active`);
        await database
          .query(`SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = '${slot}' AND NOT active`)
          .catch(() => []);
        return (await database.query(`SELECT 1 FROM pg_replication_slots WHERE slot_name = '${slot}'`)).length === 0;
      },
      { what: `the slot ${slot} to go`, everyMs: 5 },
    );
  }

  /** `millrace WORDS --config FILE`, with the state directory and the mode of the service. */
  async command(...words: string[]): Promise<CommandResult> {
    const env = { MILLRACE_STATE_DIR: this.engine.stateDir, MILLRACE_SYNC_MODE: 'INCREMENTAL' };
    return await runCommand([...words, '--config', this.file], { env });
  }

  private async end(): Promise<void> {
    await this.engine.kill9().catch(() => undefined);
    for (const name of this.names) await this.loseSlot(name);
  }
}
