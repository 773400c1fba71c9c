import { writeFileSync } from 'node:fs';
import { now, pause, secondsBetween } from '../measure/clock.ts';
import { commitsOf, dueAfter, firstMeasured, idsOf, type Schedule } from './schedule.ts';
import { WireClient } from './wire-client.ts';

/**
 * The load of the latency benches, in a process of its own: single-statement transactions at a fixed rate over a few connections.
 * Writes the time at which each commit's answer was received, nanoseconds of the monotonic clock as i64, to the file it was given.
 */
export interface GeneratorTask {
  readonly schedule: Schedule;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  readonly answersPath: string;
}

/** Sent to the bench: the warm-up is over; then, once, how the measured part went. */
export type GeneratorReport =
  | { readonly type: 'measuring' }
  | { readonly type: 'done'; readonly achievedRate: number; readonly statementMs: readonly number[]; readonly cpuSeconds: number };

const CONNECTIONS = 8;

class Generator {
  readonly #schedule: Schedule;
  readonly #idle: WireClient[];
  readonly #answers: BigInt64Array;
  readonly #issued: BigInt64Array;
  readonly #commits: number;
  #next = 0;
  #answered = 0;
  #start = 0n;
  #finish: () => void = () => {};
  #fail: (error: Error) => void = () => {};

  constructor(schedule: Schedule, clients: readonly WireClient[]) {
    this.#schedule = schedule;
    this.#idle = [...clients];
    this.#commits = commitsOf(schedule);
    this.#answers = new BigInt64Array(this.#commits);
    this.#issued = new BigInt64Array(this.#commits);
  }

  /** Runs the whole schedule; resolves once every commit has been answered. */
  async run(): Promise<void> {
    const finished = new Promise<void>((resolve, reject) => {
      this.#finish = resolve;
      this.#fail = reject;
    });
    this.#start = now();
    const ticking = this.#tick();
    await Promise.race([finished, ticking.then(() => finished)]);
  }

  get answers(): BigInt64Array {
    return this.#answers;
  }

  /** Commits per second of the measured part, from when its first was due to the last answer. */
  get achievedRate(): number {
    const first = firstMeasured(this.#schedule);
    let last = 0n;
    for (let index = first; index < this.#commits; index++) last = this.#answers[index]! > last ? this.#answers[index]! : last;
    return (this.#commits - first) / secondsBetween(this.#start + dueAfter(this.#schedule, first), last);
  }

  /** Milliseconds from sending each measured statement to its answer. */
  get statementMs(): Float64Array {
    const first = firstMeasured(this.#schedule);
    return Float64Array.from(
      { length: this.#commits - first },
      (_, index) => Number(this.#answers[first + index]! - this.#issued[first + index]!) / 1e6,
    );
  }

  async #tick(): Promise<void> {
    const measuredFrom = firstMeasured(this.#schedule);
    let measuring = false;
    while (this.#next < this.#commits) {
      this.#issueDue();
      if (!measuring && this.#next >= measuredFrom) {
        measuring = true;
        report({ type: 'measuring' });
      }
      await pause(1);
    }
  }

  #issueDue(): void {
    const elapsed = now() - this.#start;
    while (this.#next < this.#commits && this.#idle.length > 0 && dueAfter(this.#schedule, this.#next) <= elapsed) {
      this.#issue(this.#next++, this.#idle.pop()!);
    }
  }

  #issue(index: number, client: WireClient): void {
    const [first, last] = idsOf(this.#schedule, index);
    this.#issued[index] = now();
    client.execute(first, last, (error) => {
      this.#answers[index] = now();
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

function report(message: GeneratorReport): void {
  process.send!(message);
}

async function run(task: GeneratorTask): Promise<void> {
  const { host, port, user, database } = task;
  const clients = await Promise.all(Array.from({ length: CONNECTIONS }, () => WireClient.connect({ host, port, user, database })));
  const generator = new Generator(task.schedule, clients);
  const cpuBefore = process.cpuUsage();
  await generator.run();
  const cpu = process.cpuUsage(cpuBefore);
  writeFileSync(task.answersPath, new Uint8Array(generator.answers.buffer));
  report({
    type: 'done',
    achievedRate: generator.achievedRate,
    statementMs: Array.from(generator.statementMs),
    cpuSeconds: (cpu.user + cpu.system) / 1e6,
  });
  for (const client of clients) client.close();
  process.disconnect();
}

process.once('message', (task: GeneratorTask) => {
  run(task).catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
});
