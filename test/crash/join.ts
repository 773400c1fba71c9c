import { setTimeout as delay } from 'node:timers/promises';
import { readCheckpoint } from '../../engine/checkpoint/copies.ts';
import type { TableRead } from '../../engine/change/table-read.ts';
import { assertSame, fold, SEAM_SCHEMA, SeamWriter } from '../integration/seam.ts';
import { Servers, type Feed } from '../integration/servers.ts';
import { until } from '../support/wait.ts';
import { Random } from './random.ts';

/** What is killed; of the database's end the other runs know. */
const VICTIMS = ['capture', 'supervisor', 'broker'] as const;
const WRITERS = 3;
/** A kill strikes at any time within so many milliseconds after its place is reached: some chunks' time. */
const DURING_CHUNK_MS = 40;
const WAIT_MS = 90_000;

export interface JoinScenario {
  readonly seed: number;
  readonly workers: number;
  readonly kills: number;
  readonly log: (line: string) => void;
}

export interface JoinResult {
  /** Null when each row ended as the table has it. */
  readonly problem: string | null;
  /** Kills between the first chunk and the record of the last. */
  readonly counted: number;
  readonly messages: number;
}

/**
 * A table joins a changefeed that runs while three writers change it: it is read beside the stream, and something is killed again and again
 * until it is read to its end. Then the topic is held against the table.
 */
export async function runJoin({ seed, workers, kills, log }: JoinScenario): Promise<JoinResult> {
  const ends: (() => Promise<void>)[] = [];
  const servers = await Servers.start({ version: '15', settings: { max_prepared_transactions: 20 } });
  ends.push(() => servers.destroy());
  try {
    const options = {
      SYNC_MODE: 'FULL + INCREMENTAL',
      SNAPSHOT_UNIT: '64kB',
      WORKERS: String(workers),
      CHECKPOINT_INTERVAL: '20ms',
      RETRY_BACKOFF: '100ms',
    };
    const schema = 'CREATE TABLE other (id int PRIMARY KEY)';
    const feed = await servers.feed({ after: (end) => void ends.push(end) }, { schema, options, partitions: 1 });
    await feed.engine.start();
    await until(() => feed.engine.log().includes('the snapshot is finished'), { what: () => feed.engine.tail() });
    await feed.query(`${SEAM_SCHEMA} ANALYZE t`);
    const writers: SeamWriter[] = [];
    for (let number = 0; number < WRITERS; number++) writers.push(new SeamWriter(await servers.database.client(feed.name), number));
    ends.push(async () => void (await Promise.all(writers.map((writer) => writer.stop()))));
    for (const writer of writers) writer.begin();
    const counted = await killAll(servers, feed, new Random(seed), kills, log);
    await until(async () => (await readOf(feed))?.state === 'done', {
      deadlineMs: WAIT_MS,
      what: () => `t to be read:\n${feed.engine.tail()}`,
    });
    await Promise.all(writers.map((writer) => writer.stop()));
    await feed.untilConfirmed(undefined, WAIT_MS);
    await feed.engine.stop();
    const messages = (await feed.keyed()).filter(({ table }) => table === 't');
    return { problem: await problemOf(feed, messages), counted, messages: messages.length };
  } finally {
    for (const end of ends.toReversed()) await end().catch(() => undefined);
  }
}

async function problemOf(feed: Feed, messages: Parameters<typeof fold>[0]): Promise<string | null> {
  try {
    await assertSame(feed, fold(messages, false));
    return null;
  } catch (error) {
    return String(error);
  }
}

/** The read of the table that joins, as the checkpoint has it. */
async function readOf({ engine, name }: Feed): Promise<TableRead | undefined> {
  const { record } = await readCheckpoint(engine.stateDir, name);
  return record?.reads.find(({ table }) => table === 'public.t');
}

/** Kills at chunks that are spread over the table. Returns how many struck while it was read. */
async function killAll({ broker }: Servers, feed: Feed, random: Random, kills: number, log: (line: string) => void): Promise<number> {
  const { engine } = feed;
  let counted = 0;
  for (let kill = 0; kill < kills; kill++) {
    const isThere = async () => {
      const read = await readOf(feed);
      return read !== undefined && (read.state === 'done' || (read.chunks > 0 && read.chunksDone >= (kill * read.chunks) / (kills + 1)));
    };
    await until(isThere, { deadlineMs: WAIT_MS, everyMs: 1, what: () => `kill ${kill} to be due:\n${engine.tail()}` });
    await delay(random.below(DURING_CHUNK_MS));
    const victim = random.pick(VICTIMS);
    if (victim === 'capture') process.kill(engine.capturePid, 'SIGKILL');
    if (victim === 'supervisor') await engine.kill9();
    if (victim === 'broker') await broker.kill9();
    const read = await readOf(feed);
    if (victim === 'supervisor') engine.launch();
    if (victim === 'broker') await broker.start();
    if (read?.state === 'reading') counted += 1;
    log(`kill ${kill + 1}/${kills}: ${victim} with ${read?.chunksDone ?? 0} of ${read?.chunks ?? 0} chunks recorded`);
  }
  return counted;
}
