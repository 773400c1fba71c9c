/**
 * `npm run test:crash [-- stream | topic | snapshot | snapshot-topic | binlog | join] [-- --kills N] [-- --seeds N] [-- --seed FIRST]`:
 * kills, restarts, and an independent check of what came out: under changes alone (`stream`), under rows that are there before and changes
 * meanwhile (`snapshot`), both also with the checkpoint in a topic (`topic`, `snapshot-topic`), under changes of MariaDB and MySQL in turn
 * (`binlog`), under a table that joins, or is read again between the marks of a bootstrap, beside its changes (`join`), else under all, one
 * after the other. Runs with one and with three encoder workers in turn; prints victim by kind of work and by place. Exit code 1 when
 * anything was lost, repeated too far, or out of order, or when a seed counted fewer kills than it was asked for.
 */
import { parseArgs } from 'node:util';
import { binlogVariantOf, variantName } from './binlog-ledger.ts';
import { BINLOG_WORK_KINDS, WORK_KINDS, type Kill } from './history.ts';
import { isOrdered, runJoin } from './join.ts';
import { BINLOG_VICTIMS } from './kill.ts';
import { planKills, planSnapshotKills } from './plan.ts';
import { runScenario } from './scenario.ts';
import { hasSnapshot, RUN_KINDS, UNITS, type RunKind } from './stage.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    kills: { type: 'string', default: '8' },
    seeds: { type: 'string', default: '4' },
    seed: { type: 'string', default: String(1 + Math.floor(Math.random() * 1_000_000)) },
  },
});
const print = (line: string) => process.stdout.write(`${line}\n`);
const all: readonly string[] = [...RUN_KINDS, 'join'];
const unknown = positionals.filter((kind) => !all.includes(kind));
if (unknown.length > 0) throw new Error(`${unknown.join(', ')}: a run is about ${all.join(' or ')}`);
const kinds = RUN_KINDS.filter((kind) => positionals.length === 0 || positionals.includes(kind));
const TITLES: Readonly<Record<RunKind, string>> = {
  stream: 'changes alone',
  topic: 'changes alone, the checkpoint in a topic',
  snapshot: 'the rows that are there, and changes meanwhile and after',
  'snapshot-topic': 'the same, the checkpoint in a topic',
  binlog: 'changes alone, of MariaDB and MySQL, by GTID and by file',
};
let failed = false;

for (const kind of kinds) {
  print(`${kind}: ${TITLES[kind]}`);
  const counted: Kill[] = [];
  let isSound = true;
  for (let i = 0; i < Number(values.seeds); i++) {
    const result = await runSeed(kind, Number(values.seed) + i, i % 2 === 0 ? 1 : 3);
    counted.push(...result.counted);
    isSound &&= result.isSound;
  }
  failed ||= !isSound;
  if (!hasSnapshot(kind)) {
    const column = ({ place, work }: Kill) => (place === 'start' ? place : work);
    printTable(counted, ['start', ...(kind === 'binlog' ? BINLOG_WORK_KINDS : WORK_KINDS)], 12, column);
  } else {
    const places = [...Array.from({ length: UNITS }, (_, unit) => String(unit)), 'seam', 'stream'];
    print('\nby the units that were stored before the kill:');
    printTable(counted, places, 7, ({ place }) => String(place));
    printTable(counted, WORK_KINDS, 12, ({ work }) => work);
  }
  print(`${counted.length} kills counted; ${isSound ? 'nothing lost, each key in order, repeats only inside the window' : 'FAILED'}\n`);
}
if (positionals.length === 0 || positionals.includes('join')) failed = !(await runJoins()) || failed;
process.exit(failed ? 1 : 0);

/** Returns whether each row ended as the table has it. */
async function runJoins(): Promise<boolean> {
  print('join: a table that joins, or is ordered to be read, beside its changes');
  let isSound = true;
  let total = 0;
  for (let i = 0; i < Number(values.seeds); i++) {
    const seed = Number(values.seed) + i;
    const workers = i % 2 === 0 ? 1 : 3;
    const kind = isOrdered(seed) ? ', ordered, with the types of a bootstrap' : '';
    print(`seed ${seed}, ${workers} worker${workers === 1 ? '' : 's'}${kind}`);
    const { problem, counted, messages } = await runJoin({ seed, workers, kills: Number(values.kills), log: (line) => print(`  ${line}`) });
    print(`  ${messages} messages, ${counted} kills while it was read: ${problem ?? 'each row is as the table has it'}`);
    isSound &&= problem === null;
    total += counted;
  }
  print(`${total} kills while a table was read; ${isSound ? 'nothing lost, nothing stale, every mark at its place' : 'FAILED'}\n`);
  return isSound;
}

async function runSeed(kind: RunKind, seed: number, workers: number): Promise<{ counted: readonly Kill[]; isSound: boolean }> {
  const variant = kind === 'binlog' ? `, ${variantName(binlogVariantOf(seed))}` : '';
  print(`seed ${seed}, ${workers} worker${workers === 1 ? '' : 's'}${variant}`);
  const count = Number(values.kills);
  const kills = hasSnapshot(kind) ? planSnapshotKills(seed, count) : planKills(seed, count, kind === 'binlog' ? 'binlog' : 'postgres');
  const result = await runScenario({ kind, seed, workers, kills, log: (line) => print(`  ${line}`) });
  const { problems, counted } = result;
  print(
    `  ${result.transactions} transactions, ${result.messages} messages, ${result.repeats} repeats, ${counted.length} kills with rows in flight, ${problems.length} problems`,
  );
  if (hasSnapshot(kind)) {
    print(
      `  ${result.readings} readings of tables, ${result.rowRepeats} rows repeated, at most ${result.unitsInFlightMax} units in flight at a kill`,
    );
  }
  for (const problem of problems.slice(0, 20)) print(`  ${problem}`);
  const tooFew = counted.length < count;
  if (tooFew) print('  too few kills hit rows in flight');
  return { counted, isSound: problems.length === 0 && !tooFew };
}

function printTable(kills: readonly Kill[], columns: readonly string[], width: number, columnOf: (kill: Kill) => string): void {
  print(`\n${'kills with rows in flight'.padEnd(28)}${columns.map((column) => column.padStart(width)).join('')}`);
  for (const victim of BINLOG_VICTIMS) {
    const cells = columns.map((column) => kills.filter((kill) => kill.victim === victim && columnOf(kill) === column).length);
    print(`${victim.padEnd(28)}${cells.map((cell) => String(cell).padStart(width)).join('')}`);
  }
}
