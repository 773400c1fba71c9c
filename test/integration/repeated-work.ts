import type pg from 'pg';
import { until } from '../support/wait.ts';
import type { Feed } from './servers.ts';

/** Statements that are repeated, round after round, until they are told to end. */
export class RepeatedWork {
  rounds = 0;
  private isOver = false;
  private done: Promise<void> = Promise.resolve();

  /** @param step the statements of a round; it ends at the latest with the test: a session left behind keeps the server from its end */
  static async start(
    t: { after(end: () => Promise<void>): void },
    feed: Feed,
    step: (client: pg.Client, round: number) => Promise<unknown>,
  ): Promise<RepeatedWork> {
    const work = new RepeatedWork();
    const client = await feed.client();
    work.done = work.run(client, step);
    t.after(() => work.end());
    return work;
  }

  /** Waits until so many more rounds are over. */
  async untilMore(rounds: number): Promise<void> {
    const wanted = this.rounds + rounds;
    await until(() => this.rounds >= wanted, { what: () => `${wanted} rounds of writing (${this.rounds} are over)` });
  }

  /** Resolves when the round that runs is over. */
  async end(): Promise<void> {
    this.isOver = true;
    await this.done;
  }

  private async run(client: pg.Client, step: (client: pg.Client, round: number) => Promise<unknown>): Promise<void> {
    try {
      for (; !this.isOver; this.rounds++) await step(client, this.rounds);
    } finally {
      await client.end();
    }
  }
}
