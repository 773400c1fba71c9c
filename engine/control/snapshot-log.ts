import type { Log } from './log.ts';
import type { CaptureStats } from './messages.ts';
import { timeLeft } from './progress.ts';

const EVERY_MS = 10_000;

/** Makes the listener that logs, now and then, how far a snapshot is. */
export function snapshotLogger(log: Pick<Log, 'info'>, now: () => number): (stats: CaptureStats | null) => void {
  let lastMs = now();
  return (stats) => {
    const snapshot = stats?.snapshot ?? null;
    if (snapshot === null || now() - lastMs < EVERY_MS) return;
    lastMs = now();
    const { percent, rows, rowsPerSecond, secondsLeft, heldBytes, tables } = snapshot;
    const open = tables.filter((table) => table.percent < 100).map((table) => `${table.table} ${table.percent.toFixed(1)} %`);
    log.info(`reading tables: ${percent.toFixed(1)} %, ${timeLeft(secondsLeft)} left`, {
      rows,
      rowsPerSecond: Math.round(rowsPerSecond),
      heldBytes,
      tables: open.slice(0, 20).join(', '),
    });
  };
}
