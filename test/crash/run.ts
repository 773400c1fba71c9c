/**
 * `npm run test:crash [-- --kills N] [-- --seeds N] [-- --seed FIRST]`: kills, restarts, and an independent check of what came out. Runs
 * with one and with three encoder workers in turn; prints victim by kind of work. Exit code 1 when anything was lost, repeated too far, or
 * out of order, or when a seed counted fewer kills than it was asked for.
 */
import { parseArgs } from 'node:util';
import { WORK_KINDS } from './history.ts';
import { planKills } from './plan.ts';
import { runScenario, VICTIMS, type PlannedKill } from './scenario.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '8' },
    seeds: { type: 'string', default: '4' },
    seed: { type: 'string', default: String(1 + Math.floor(Math.random() * 1_000_000)) },
  },
});
const print = (line: string) => process.stdout.write(`${line}\n`);
const counted: PlannedKill[] = [];
let failed = false;

for (let i = 0; i < Number(values.seeds); i++) {
  const seed = Number(values.seed) + i;
  const workers = i % 2 === 0 ? 1 : 3;
  print(`seed ${seed}, ${workers} worker${workers === 1 ? '' : 's'}`);
  const result = await runScenario({ seed, workers, kills: planKills(seed, Number(values.kills)), log: (line) => print(`  ${line}`) });
  const { problems, repeats, messages } = result.verdict;
  print(
    `  ${result.transactions} transactions, ${messages} messages, ${repeats} repeats, ${result.counted.length} kills with rows in flight, ${problems.length} problems`,
  );
  for (const problem of problems.slice(0, 20)) print(`  ${problem}`);
  const tooFew = result.counted.length < Number(values.kills);
  if (tooFew) print('  too few kills hit rows in flight');
  failed ||= problems.length > 0 || tooFew;
  counted.push(...result.counted);
}

print(`\n${'kills with rows in flight'.padEnd(28)}${['start', ...WORK_KINDS].map((kind) => kind.padStart(12)).join('')}`);
for (const victim of VICTIMS) {
  const cells = ['start', ...WORK_KINDS].map((kind) => counted.filter((kill) => kill.victim === victim && kill.work === kind).length);
  print(`${victim.padEnd(28)}${cells.map((cell) => String(cell).padStart(12)).join('')}`);
}
print(`${counted.length} kills counted; ${failed ? 'FAILED' : 'nothing lost, each key in order, repeats only inside the window'}`);
process.exit(failed ? 1 : 0);
