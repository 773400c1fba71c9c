import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { readCheckpoint } from '../../engine/checkpoint/copies.ts';
import { consumeEach } from '../support/consume.ts';
import { startKafka, type KafkaServer } from '../support/kafka.ts';
import { Millrace } from '../support/millrace.ts';
import { startPostgres, type PostgresServer } from '../support/postgres.ts';
import { until } from '../support/wait.ts';
import { check, type Verdict } from './checker.ts';
import { lsnBytes, WORK_KINDS, type Kill, type RowChange, type SeenMessage, type WorkKind } from './history.ts';
import { OffsetWatch } from './offsets.ts';
import { Random } from './random.ts';
import { SCHEMA, TABLES, Writer } from './writer.ts';

export const VICTIMS = ['capture', 'supervisor', 'broker', 'database'] as const;
export type Victim = (typeof VICTIMS)[number];

/** One kill as it is planned: of what, during which work. `start` is between the slot's creation and the first stored checkpoint. */
export interface PlannedKill {
  readonly victim: Victim;
  readonly work: WorkKind | 'start';
}

export interface ScenarioOptions {
  readonly seed: number;
  readonly workers: number;
  readonly kills: readonly PlannedKill[];
  readonly log: (line: string) => void;
}

export interface ScenarioResult {
  readonly verdict: Verdict;
  /** Kills that hit while rows were committed and not yet stored as delivered. */
  readonly counted: readonly PlannedKill[];
  readonly transactions: number;
}

/** A kill that hit no rows in flight is tried again, until there were so many times as many kills as planned. */
const TRIES = 2;
const TOPIC = 'ledger';
const PARTITIONS = 7;
const WRITERS = 3;
const CATCH_UP_MS = 120_000;
/** How long before a kill the delivered prefix must be stored. */
const STALE_MS = 2000;
/** Before anything that a test server wrote; the first segment of a new cluster. */
const FIRST_LSN = '0/1000000';

/** Servers, changefeed and writers of one run. */
interface Stage {
  readonly database: PostgresServer;
  readonly broker: KafkaServer;
  readonly engine: Millrace;
  readonly offsets: OffsetWatch;
  readonly writers: readonly Writer[];
}

/**
 * One PostgreSQL, one Kafka, one changefeed, three writers, and kills one after the other; at the end everything is read back and checked.
 */
export async function runScenario(options: ScenarioOptions): Promise<ScenarioResult> {
  const random = new Random(options.seed);
  const stage = await setStage(options, random);
  const { database, broker, engine, offsets, writers } = stage;
  try {
    for (const writer of writers) writer.start();
    engine.launch();
    const kills: Kill[] = [];
    const counted: PlannedKill[] = [];
    let slotStart: bigint | null = null;
    const plan = [...options.kills];
    for (let planned = plan.shift(); planned !== undefined; planned = plan.shift()) {
      // Where the slot begins is asked before anything can be confirmed to it.
      slotStart ??= await until(() => slotBegin(database), { deadlineMs: 60_000, everyMs: 1, what: () => `the slot:\n${engine.tail()}` });
      if (planned.work !== 'start')
        await until(() => engine.isReady(), { deadlineMs: 60_000, what: () => `the engine to be ready:\n${engine.tail()}` });
      const kill = await killOne(stage, planned, random);
      kills.push(kill);
      const isCounted = await wereRowsInFlight(stage, kill);
      if (isCounted) counted.push(planned);
      else if (kills.length < TRIES * options.kills.length) plan.push({ victim: planned.victim, work: random.pick(WORK_KINDS) });
      const what = isCounted ? '' : ', without rows in flight: once more';
      options.log(`kill ${counted.length}/${options.kills.length}: ${planned.victim} during ${planned.work}${what}`);
    }
    for (const writer of writers) await writer.stop();
    await caughtUp(stage);
    const exit = await engine.stop();
    if (exit.code !== 0) throw new Error(`the engine ended with ${exit.code ?? exit.signal}:\n${engine.tail()}`);
    const committed = writers.flatMap((writer) => writer.committed);
    const evidence = { committed, commitEnd: await commitEnds(database), slotStart: slotStart!, seen: await readBack(broker), kills };
    return { verdict: check(evidence), counted, transactions: committed.length };
  } finally {
    // A writer that is left behind would wait for its database for ever.
    for (const writer of writers) writer.giveUp();
    await offsets.stop();
    await Promise.all([engine.kill9().catch(() => undefined), broker.destroy(), database.destroy()]);
  }
}

async function setStage({ workers }: ScenarioOptions, random: Random): Promise<Stage> {
  // The log is kept to its beginning: the commits' places are read from it at the end.
  const [database, broker] = await Promise.all([startPostgres({ version: '15', settings: { wal_keep_size: '8GB' } }), startKafka()]);
  await database.query(SCHEMA);
  await broker.createTopic(TOPIC, PARTITIONS);
  const engine = await Millrace.prepare({
    // TCP and the Unix socket are read in different ways.
    SOURCE_URL: workers === 1 ? database.socketUrl() : database.url(),
    TABLES: TABLES.join(','),
    BOOTSTRAP_SERVERS: broker.bootstrapServers,
    TOPIC,
    WORKERS: String(workers),
  });
  const offsets = new OffsetWatch(broker.bootstrapServers, TOPIC, PARTITIONS);
  await offsets.start();
  const writers = Array.from(
    { length: WRITERS },
    (_, index) => new Writer(database, new Random(random.below(0xffff_ffff)), index, WRITERS),
  );
  return { database, broker, engine, offsets, writers };
}

/** Kills the victim in the midst of the work, notes what was stored and sent by then, and brings the victim back. */
async function killOne(stage: Stage, { victim, work }: PlannedKill, random: Random): Promise<Kill> {
  const { database, broker, engine, offsets, writers } = stage;
  if (work !== 'start') {
    for (const writer of writers) writer.request(work);
    await until(() => writers.some(({ current }) => current === work), { deadlineMs: 30_000, everyMs: 1, what: `${work} work` });
    await delay(random.below(300));
  }
  const killedAtMs = performance.now();
  switch (victim) {
    case 'capture':
      killCapture(engine);
      break;
    case 'supervisor':
      await engine.kill9();
      break;
    case 'broker':
      await broker.kill9();
      break;
    case 'database':
      await database.kill9();
      break;
  }
  const { generation, stored } = await storedState(engine);
  if (victim === 'broker') await broker.start();
  if (victim === 'database') await database.start();
  const endOffsets = await until(() => offsets.now(), { deadlineMs: 60_000, what: 'the broker to tell its offsets' });
  const earlierOffsets = offsets.at(killedAtMs - STALE_MS);
  if (victim === 'supervisor') engine.launch();
  // The log holds messages whose acknowledgement died with the broker: the producer learns of them only when it has sent them again.
  if (victim === 'broker') await caughtUp(stage);
  return { victim, work, generation, stored, endOffsets, earlierOffsets };
}

/** The supervisor's only child. */
function killCapture(engine: Millrace): void {
  const children = readFileSync(`/proc/${engine.pid}/task/${engine.pid}/children`, 'utf8').trim();
  for (const pid of children.split(' ')) if (pid !== '') process.kill(Number(pid), 'SIGKILL');
}

async function storedState(engine: Millrace): Promise<{ generation: number; stored: bigint }> {
  const { record } = await readCheckpoint(engine.stateDir, 'default');
  const lsn = record?.position?.parts[0]?.lsn;
  return { generation: record?.generation ?? 0, stored: lsn === undefined ? 0n : lsnBytes(lsn) };
}

async function storedPosition(engine: Millrace): Promise<bigint> {
  return (await storedState(engine)).stored;
}

async function slotBegin(database: PostgresServer): Promise<bigint> {
  const [slot] = await database.query<{ lsn: string }>('SELECT confirmed_flush_lsn::text AS lsn FROM pg_replication_slots');
  if (slot === undefined) throw new Error('there is no slot yet');
  return lsnBytes(slot.lsn);
}

/** Something was committed by the time of the kill that the stored position does not cover. */
async function wereRowsInFlight({ database, writers }: Stage, kill: Kill): Promise<boolean> {
  const ends = await commitEnds(database, kill.stored);
  return writers.some(({ committed }) => committed.some(({ xid, changes }) => changes.length > 0 && (ends.get(xid) ?? 0n) > kill.stored));
}

/** Where each transaction's commit record ends in the log, by xid. */
async function commitEnds(database: PostgresServer, from = 0n): Promise<Map<number, bigint>> {
  const begin = from === 0n ? FIRST_LSN : `${(from >> 32n).toString(16)}/${(from & 0xffff_ffffn).toString(16)}`;
  const rows = await database.query<{ xid: string; end: string }>(
    `SELECT xid::text, end_lsn::text AS end FROM pg_get_wal_records_info($1, pg_current_wal_flush_lsn()) WHERE resource_manager = 'Transaction' AND record_type LIKE 'COMMIT%'`,
    [begin],
  );
  return new Map(rows.map(({ xid, end }) => [Number(BigInt.asIntN(32, BigInt(xid))), lsnBytes(end)]));
}

async function caughtUp({ database, engine }: Stage): Promise<void> {
  const [end] = await database.query<{ lsn: string }>('SELECT pg_current_wal_lsn()::text AS lsn');
  await until(async () => (await storedPosition(engine)) >= lsnBytes(end!.lsn), {
    deadlineMs: CATCH_UP_MS,
    what: () => `the engine to catch up:\n${engine.tail()}`,
  });
}

async function readBack(broker: KafkaServer): Promise<SeenMessage[]> {
  const seen: SeenMessage[] = [];
  await consumeEach(
    { bootstrapServers: broker.bootstrapServers, topic: TOPIC, deadlineMs: CATCH_UP_MS },
    ({ partition, offset, value }) => {
      const message = JSON.parse(value!.toString()) as {
        xid: number;
        table: string;
        type: RowChange['type'];
        data: { id: number; version: number | null };
      };
      const { xid, table, type, data } = message;
      seen.push({ partition, offset, xid, change: { table, type, id: data.id, version: type === 'delete' ? null : data.version } });
    },
  );
  return seen;
}
