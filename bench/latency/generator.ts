import { writeFileSync } from 'node:fs';
import { now, pause } from '../measure/clock.ts';
import { CommitTimes } from './commit-times.ts';
import { commitsOf, dueAfter, firstMeasured, idsOf, type Schedule } from './schedule.ts';
import { MysqlClient } from './mysql-client.ts';
import { PostgresClient } from './postgres-client.ts';
import type { StatementClient } from './statement-client.ts';

/**
 * The load of the latency benches, in a process of its own: single-statement transactions at a fixed rate over a few connections.
 * Writes its `CommitTimes` to the file that it was given. Another message after the task ends the schedule early.
 */
export interface GeneratorTask {
  readonly schedule: Schedule;
  readonly target: GeneratorTarget;
  readonly timesPath: string;
}

/** Where the rows go. */
export interface GeneratorTarget {
  readonly kind: 'postgres' | 'mysql';
  /** Address, or what the clients take for a Unix socket: PostgreSQL's its directory, MySQL's its path. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  /** SQL of each commit's statement; `PostgresClient` and `MysqlClient` say what its parameters are. */
  readonly insert: string;
}

/** Sent to the bench: the warm-up is over; every commit has been answered. */
export type GeneratorReport = { readonly type: 'measuring' } | { readonly type: 'done'; readonly cpuSeconds: number };

const CONNECTIONS = 8;

class Generator {
  readonly #schedule: Schedule;
  readonly #idle: StatementClient[];
  readonly #times: CommitTimes;
  #commits: number;
  #next = 0;
  #answered = 0;
  #finish: () => void = () => {};
  #fail: (error: Error) => void = () => {};

  constructor(schedule: Schedule, clients: readonly StatementClient[]) {
    this.#schedule = schedule;
    this.#idle = [...clients];
    this.#commits = commitsOf(schedule);
    this.#times = new CommitTimes(schedule);
  }

  /** Runs the whole schedule; resolves once every commit has been answered. */
  async run(): Promise<CommitTimes> {
    const finished = new Promise<void>((resolve, reject) => {
      this.#finish = resolve;
      this.#fail = reject;
    });
    this.#times.start = now();
    const ticking = this.#tick();
    await Promise.race([finished, ticking.then(() => finished)]);
    return this.#times;
  }

  /** Sends no more; the run ends with the last answer. */
  stop(): void {
    this.#commits = this.#next;
    if (this.#answered === this.#commits) this.#finish();
  }

  async #tick(): Promise<void> {
    const measuredFrom = firstMeasured(this.#schedule);
    let measuring = false;
    while (this.#next < this.#commits) {
      this.#issueDue();
      if (!measuring && this.#next >= measuredFrom) {
        measuring = true;
        await report({ type: 'measuring' });
      }
      await pause(1);
    }
  }

  #issueDue(): void {
    const elapsed = now() - this.#times.start;
    while (this.#next < this.#commits && this.#idle.length > 0 && dueAfter(this.#schedule, this.#next) <= elapsed) {
      this.#issue(this.#next++, this.#idle.pop()!);
    }
  }

  #issue(index: number, client: StatementClient): void {
    const [first, last] = idsOf(this.#schedule, index);
    this.#times.sent[index] = now();
    client.execute(first, last, (error) => {
      this.#times.answered[index] = now();
      if (error !== null) {
        this.#fail(error);
        return;
      }
      this.#idle.push(client);
      this.#answered++;
      if (this.#answered === this.#commits) this.#finish();
      else this.#issueDue();
    });
  }
}

/** Resolves when the message is out: a process that disconnects before loses it. */
function report(message: GeneratorReport): Promise<void> {
  return new Promise((resolve, reject) => {
    process.send!(message, undefined, undefined, (error) => (error === null ? resolve() : reject(error)));
  });
}

async function connectTo({ kind, host, port, user, database, insert }: GeneratorTarget): Promise<StatementClient> {
  if (kind === 'mysql') return await MysqlClient.connect({ socketPath: host, user, database }, insert);
  return await PostgresClient.connect({ host, port, user, database }, insert);
}

async function run(task: GeneratorTask): Promise<void> {
  const connect = () => connectTo(task.target);
  const clients = await Promise.all(Array.from({ length: CONNECTIONS }, connect));
  const generator = new Generator(task.schedule, clients);
  process.once('message', () => generator.stop());
  const cpuBefore = process.cpuUsage();
  const times = await generator.run();
  const cpu = process.cpuUsage(cpuBefore);
  writeFileSync(task.timesPath, new Uint8Array(times.words.buffer));
  await report({ type: 'done', cpuSeconds: (cpu.user + cpu.system) / 1e6 });
  for (const client of clients) client.close();
  process.disconnect();
}

process.once('message', (task: GeneratorTask) => {
  run(task).catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
});
