import { setTimeout as delay } from 'node:timers/promises';
import { readCheckpoint } from '../../engine/checkpoint/copies.ts';
import { hasAllRows, type TableRead } from '../../engine/change/table-read.ts';
import { assertSame, fold, SEAM_SCHEMA, SeamWriter } from '../integration/seam.ts';
import { Servers, type Feed, type KeyedMessage } from '../integration/servers.ts';
import { until } from '../support/wait.ts';
import { checkBootstrap } from './bootstrap-checker.ts';
import { Random } from './random.ts';

/** What is killed; of the database's end the other runs know. */
const VICTIMS = ['capture', 'supervisor', 'broker'] as const;
const WRITERS = 3;
/** A kill strikes at any time within so many milliseconds after its place is reached: some chunks' time. */
const DURING_CHUNK_MS = 40;
const WAIT_MS = 90_000;
/** Of the order. */
const COMMENT = 'crash';

export interface JoinScenario {
  readonly seed: number;
  readonly workers: number;
  readonly kills: number;
  readonly log: (line: string) => void;
}

/** Whether the table is there before, and is ordered to be read with Maxwell's types; else it joins. Of four seeds in a row two. */
export function isOrdered(seed: number): boolean {
  return (seed & 2) !== 0;
}

export interface JoinResult {
  /** Null when each row ended as the table has it, and every mark came at its place. */
  readonly problem: string | null;
  /** Kills between the first chunk and the record of the last. */
  readonly counted: number;
  readonly messages: number;
}

/**
 * A table joins a changefeed that runs, or is ordered to be read, while three writers change it: it is read beside the stream, and
 * something is killed again and again until it is read to its end. Then the topic is held against the table.
 */
export async function runJoin({ seed, workers, kills, log }: JoinScenario): Promise<JoinResult> {
  const ends: (() => Promise<void>)[] = [];
  const servers = await Servers.start({ version: '15', settings: { max_prepared_transactions: 20 } });
  ends.push(() => servers.destroy());
  try {
    const ordered = isOrdered(seed);
    const options = {
      SYNC_MODE: ordered ? 'INCREMENTAL' : 'FULL + INCREMENTAL',
      // A table that joins has plain inserts all the same.
      BOOTSTRAP_TYPES: 'true',
      SNAPSHOT_UNIT: '64kB',
      WORKERS: String(workers),
      CHECKPOINT_INTERVAL: '20ms',
      RETRY_BACKOFF: '100ms',
    };
    const schema = ordered ? `${SEAM_SCHEMA} ANALYZE t` : 'CREATE TABLE other (id int PRIMARY KEY)';
    const feed = await servers.feed({ after: (end) => void ends.push(end) }, { schema, options, partitions: 1 });
    await feed.engine.start();
    if (!ordered) {
      await feed.engine.untilLogged('the snapshot is finished');
      await feed.query(`${SEAM_SCHEMA} ANALYZE t`);
    }
    const writers: SeamWriter[] = [];
    for (let number = 0; number < WRITERS; number++) writers.push(new SeamWriter(await servers.database.client(feed.name), number));
    ends.push(async () => void (await Promise.all(writers.map((writer) => writer.stop()))));
    for (const writer of writers) writer.begin();
    const answered = ordered ? order(feed) : Promise.resolve();
    // The first kill follows at once, and may take the answer with it: what counts is that the order was recorded.
    answered.catch((error: unknown) => log(`the order had no answer: ${String(error)}`));
    const counted = await killAll(servers, feed, { random: new Random(seed), kills, hasMarks: ordered, log });
    await until(async () => (await readOf(feed))?.state === 'done', {
      deadlineMs: WAIT_MS,
      what: () => `t to be read:\n${feed.engine.tail()}`,
    });
    await Promise.all(writers.map((writer) => writer.stop()));
    await feed.untilConfirmed(undefined, WAIT_MS);
    await feed.engine.stop();
    const messages = (await feed.keyed()).filter(({ table }) => table === 't');
    return { problem: await problemOf(feed, messages, ordered), counted, messages: messages.length };
  } finally {
    for (const end of ends.toReversed()) await end().catch(() => undefined);
  }
}

async function order({ engine, name }: Feed): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${engine.httpPort}/api/v1/changefeeds/${name}/snapshots`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-millrace': '1' },
    body: JSON.stringify({ table: 't', comment: COMMENT }),
  });
  if (!answer.ok) throw new Error(`the order was answered with ${answer.status}: ${await answer.text()}`);
}

async function problemOf(feed: Feed, messages: readonly KeyedMessage[], ordered: boolean): Promise<string | null> {
  const marks = messages.filter(({ data, type }) => type.startsWith('bootstrap-') && data['id'] === undefined);
  const problems = ordered ? checkBootstrap(messages, COMMENT) : marks.map(({ type }) => `a ${type} of a table that joined`);
  if (problems.length > 0) return problems.join('\n');
  try {
    const changes = messages.filter((message) => !marks.includes(message));
    await assertSame(feed, fold(changes, false));
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

interface KillPlan extends Pick<JoinScenario, 'kills' | 'log'> {
  readonly random: Random;
  /** The first kill is at the one, the last at the other. */
  readonly hasMarks: boolean;
}

/** Kills at chunks that are spread over the table. Returns how many struck while it was read. */
async function killAll({ broker }: Servers, feed: Feed, { random, kills, hasMarks, log }: KillPlan): Promise<number> {
  const { engine } = feed;
  let counted = 0;
  for (let kill = 0; kill < kills; kill++) {
    const isDue = (read: TableRead): boolean => {
      if (read.state === 'done') return true;
      if (hasMarks && kill === 0) return true;
      if (hasMarks && kill === kills - 1) return hasAllRows(read);
      return read.chunks > 0 && read.chunksDone >= (kill * read.chunks) / (kills + 1);
    };
    const isThere = async () => {
      const read = await readOf(feed);
      return read !== undefined && isDue(read);
    };
    await until(isThere, { deadlineMs: WAIT_MS, everyMs: 1, what: () => `kill ${kill} to be due:\n${engine.tail()}` });
    // A mark is on its way for a few milliseconds.
    if (!hasMarks || (kill > 0 && kill < kills - 1)) await delay(random.below(DURING_CHUNK_MS));
    const victim = random.pick(VICTIMS);
    if (victim === 'capture') process.kill(engine.capturePid, 'SIGKILL');
    if (victim === 'supervisor') await engine.kill9();
    if (victim === 'broker') await broker.kill9();
    const read = await readOf(feed);
    if (victim === 'supervisor') engine.launch();
    if (victim === 'broker') await broker.start();
    if (read?.state === 'reading') counted += 1;
    const due = read?.mark === null || read === undefined ? '' : `, the mark ${read.mark} due`;
    log(`kill ${kill + 1}/${kills}: ${victim} with ${read?.chunksDone ?? 0} of ${read?.chunks ?? 0} chunks recorded${due}`);
  }
  return counted;
}
