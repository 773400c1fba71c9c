import { until } from '../support/wait.ts';
import { check } from './checker.ts';
import { readBack } from './evidence.ts';
import type { Kill } from './history.ts';
import { killOne, nextLife, wereRowsInFlight, type Life, type PlannedKill } from './kill.ts';
import { Random } from './random.ts';
import { checkSnapshot } from './snapshot-checker.ts';
import { caughtUp, hasSnapshot, setStage, type Stage, type StageOptions } from './stage.ts';
import { checkState } from './state-checker.ts';

export interface ScenarioOptions extends StageOptions {
  readonly kills: readonly PlannedKill[];
  readonly log: (line: string) => void;
}

export interface ScenarioResult {
  readonly problems: readonly string[];
  /** Of the stream and of the snapshot. */
  readonly messages: number;
  /** Messages of the stream beyond the first of their kind. */
  readonly repeats: number;
  /** Rows of the snapshot beyond the first of their key. */
  readonly rowRepeats: number;
  /** Of any kill, the most units that had been begun to be sent, and were not stored. */
  readonly unitsInFlightMax: number;
  /** Captures that sent rows of the snapshot. */
  readonly readings: number;
  /** Kills that hit while rows were under way. */
  readonly counted: readonly Kill[];
  readonly transactions: number;
}

/** A kill that hit no rows in flight is tried again, until there were so many times as many kills as planned. */
const TRIES = 2;

/**
 * One database, one Kafka, one changefeed, three writers, and kills one after the other; at the end everything is read back and checked.
 */
export async function runScenario(options: ScenarioOptions): Promise<ScenarioResult> {
  const stage = await setStage(options);
  try {
    for (const writer of stage.writers) writer.start();
    stage.engine.launch();
    const { kills, counted, life } = await killAll(stage, options);
    for (const writer of stage.writers) await writer.stop();
    await caughtUp(stage);
    const exit = await stage.engine.stop();
    if (exit.code !== 0) throw new Error(`the engine ended with ${exit.code ?? exit.signal}:\n${stage.engine.tail()}`);
    return await judge(stage, kills, counted, life);
  } finally {
    // A writer that is left behind would wait for its database for ever.
    for (const writer of stage.writers) writer.giveUp();
    await Promise.all([stage.offsets.stop(), stage.checkpoint.stop()]);
    await Promise.all([stage.engine.kill9().catch(() => undefined), stage.broker.destroy(), stage.ledger.destroy()]);
  }
}

interface Killed {
  readonly kills: readonly Kill[];
  readonly counted: readonly Kill[];
  readonly life: Life;
}

async function killAll(stage: Stage, options: ScenarioOptions): Promise<Killed> {
  const random = new Random(~options.seed);
  const kills: Kill[] = [];
  const counted: Kill[] = [];
  const plan = [...options.kills];
  const what = () => `the stream to begin:\n${stage.engine.tail()}`;
  // Where the stream begins is asked before anything can be confirmed to it.
  const slotStart = await until(() => stage.ledger.begin(), { deadlineMs: 60_000, everyMs: 1, what });
  let life: Life = { slotStart, sent: 0, rows: 0 };
  for (let planned = plan.shift(); planned !== undefined; planned = plan.shift()) {
    const kill = await killOne(stage, planned, random, life);
    kills.push(kill);
    const isCounted = await wereRowsInFlight(stage, kill, life);
    if (isCounted) counted.push(kill);
    else if (kills.length < TRIES * options.kills.length) plan.push({ ...planned, place: 'stream', work: random.pick(stage.ledger.kinds) });
    const where = typeof kill.place === 'number' ? `with ${kill.place} units stored` : `at ${kill.place}`;
    const again = isCounted ? '' : ', without rows in flight: once more';
    options.log(`kill ${counted.length}/${options.kills.length}: ${kill.victim} ${where} during ${kill.work}${again}`);
    life = nextLife(life, kill);
  }
  return { kills, counted, life };
}

async function judge(stage: Stage, kills: readonly Kill[], counted: readonly Kill[], { slotStart }: Life): Promise<ScenarioResult> {
  const committed = stage.writers.flatMap((writer) => writer.committed);
  const commitEnd = await stage.ledger.commitEnds();
  const { rows, seen } = await readBack(stage.broker, stage.ledger);
  const evidence = { committed, commitEnd, slotStart, rows, seen, kills };
  const stream = check(evidence);
  const snapshot = hasSnapshot(stage.kind) ? checkSnapshot({ ...evidence, unitsAtOnce: stage.connections }) : null;
  return {
    problems: [...stream.problems, ...(snapshot?.problems ?? []), ...checkState(evidence, await stage.ledger.tableRows())],
    messages: seen.length + rows.length,
    repeats: stream.repeats,
    rowRepeats: snapshot?.repeats ?? 0,
    unitsInFlightMax: snapshot?.unitsInFlightMax ?? 0,
    readings: snapshot?.readings ?? 0,
    counted,
    transactions: committed.length,
  };
}
