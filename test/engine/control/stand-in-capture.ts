import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openCaptureChannel } from '../../../engine/control/capture-channel.ts';
import type { ReadOrder } from '../../../engine/change/table-read.ts';
import type { CaptureMessage, CaptureStart, ReadStats } from '../../../engine/control/messages.ts';
import { READ, statsOf } from './support.ts';

/** One thing that a life of the stand-in does. */
export type Step =
  | { readonly send: CaptureMessage }
  | { readonly stderr: string }
  | { readonly exit: number }
  | { readonly kill: NodeJS.Signals }
  /** Waits for the supervisor's `stop`. */
  | { readonly awaitStop: true }
  /** Does nothing for ever, deaf to `stop`. */
  | { readonly hang: true };

/**
 * A forked process that behaves as its script says: `<state directory>/lives.json` holds a list of steps for each life,
 * the last one for all that follow.
 * Each life adds its pid, and what it was started with, to `<state directory>/born`.
 */
async function live({ config: { stateDir, source }, isRestart }: CaptureStart): Promise<void> {
  const born = join(stateDir, 'born');
  const life = { pid: process.pid, env: process.env, flags: process.execArgv, isRestart, tables: source.tables };
  appendFileSync(born, `${JSON.stringify(life)}\n`);
  const number = readFileSync(born, 'utf8').trimEnd().split('\n').length - 1;
  const lives = JSON.parse(readFileSync(join(stateDir, 'lives.json'), 'utf8')) as Step[][];
  for (const step of lives[Math.min(number, lives.length - 1)]!) await act(step);
}

async function act(step: Step): Promise<void> {
  if ('send' in step) await channel.sendLast(step.send);
  else if ('stderr' in step) process.stderr.write(step.stderr);
  else if ('exit' in step) process.exit(step.exit);
  else if ('kill' in step) process.kill(process.pid, step.kill);
  else if ('awaitStop' in step) await stopped;
  else await new Promise(() => {});
}

let reads: readonly ReadStats[] = [];
let stop = (): void => {};
const stopped = new Promise<void>((resolve) => {
  stop = resolve;
});
const channel = openCaptureChannel({ start: (start) => void live(start), order, stop: () => stop() });

/** Reads are begun at once and never end; of the table `deaf.t` it says nothing. */
function order(given: ReadOrder): void {
  if (given.kind === 'cancel-read') {
    reads = reads.map((read) => (read.id === given.id ? { ...read, state: 'cancelled' } : read));
  } else if (given.table !== 'deaf.t') {
    const { id, table, where } = given;
    reads = [...reads, { ...READ, id, table, where }];
  }
  channel.send({ type: 'stats', stats: statsOf({ reads }) });
}
