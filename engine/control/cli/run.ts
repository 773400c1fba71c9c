import { fromErrorRecord } from '../../base/errors.ts';
import type { ChangefeedStatus } from '../changefeed.ts';
import type { Config } from '../config/config.ts';
import { loadConfig, redactorOf } from '../config/load.ts';
import { startHttp, type HttpServer } from '../http/server.ts';
import { Log } from '../log.ts';
import { progressLine, type Sample } from '../progress.ts';
import { openServiceManager, type ServiceManager } from '../service-manager.ts';
import { snapshotLogger } from '../snapshot-log.ts';
import { CAPTURE_FILE, Supervisor } from '../supervisor.ts';
import type { CaptureFinished } from '../messages.ts';
import { forgoReports, takeSecrets } from '../secrets.ts';
import { Terminal } from '../terminal.ts';
import { millraceVersion } from '../version.ts';
import { textTable } from './table.ts';
import { ExitCode, exitCodeOf, reportError, type CommandContext } from './command.ts';

/** The capture closes its producer and its connections after its last message; each of them has a shorter deadline of its own. */
const LAST_WORD_MS = 15_000;

/**
 * `millrace run`: exports until SIGTERM, SIGINT, SIGHUP or an error that only a person can solve. Resolves with the exit code.
 * Throws `CONFIG_INVALID` before anything is started.
 */
export async function run(argv: readonly string[], context: CommandContext, captureFile = CAPTURE_FILE): Promise<number> {
  const config = loadConfig({ ...context, argv }, context.terminal);
  process.title = 'millrace';
  const redact = redactorOf(config, context.env);
  const secrets = takeSecrets(process.env);
  const terminal = new Terminal(context.stderr);
  const log = new Log({ ...config.log, redact, terminal, colour: context.terminal });
  const showProgress = context.terminal && config.log.format === 'pretty' ? progressOn(terminal, config, () => supervisor) : () => {};
  const logSnapshot = snapshotLogger(log, () => performance.now());
  const supervisor = new Supervisor({
    config,
    secrets,
    log,
    captureFile,
    now: () => performance.now(),
    random: Math.random,
    lastWordMs: LAST_WORD_MS,
    onStats: () => {
      showProgress();
      logSnapshot(supervisor.watch.stats);
    },
  });
  const service = { config, supervisor, log, redact, now: () => performance.now() };
  let http: HttpServer | null;
  try {
    http = config.http === null ? null : await startHttp(config.http, service);
  } catch (error) {
    return reportError(error, context, redact);
  }
  announce(config, log, http);
  if (argv.some((word) => redact(word) !== word)) forgoReports(log);
  const manager = await openServiceManager(process.env, [service]);
  const release = handleSignals(supervisor, log, manager);
  const status = await supervisor.run();
  release();
  manager.stopping();
  terminal.setStatus('');
  await http?.close();
  manager.close();
  if (status.state === 'finished') printCounts(supervisor.finished, context);
  return conclude(status, log);
}

function announce(config: Config, log: Log, http: HttpServer | null): void {
  for (const warning of config.warnings) log.warn(warning);
  log.info('Millrace starts', {
    version: millraceVersion(),
    pid: process.pid,
    changefeed: config.changefeed,
    tables: config.source.tables.join(','),
    topic: config.kafka.topic,
    stateDir: config.stateDir,
    http: http?.url ?? 'off',
  });
  log.info(exportedBy(config));
}

function exportedBy({ syncMode, source }: Config): string {
  switch (syncMode) {
    case 'FULL':
      return 'the rows that are in the tables are exported, and no change after them';
    case 'INCREMENTAL':
      return `only changes from the start of slot ${source.slot} on are exported; rows that were there before are not`;
    case 'FULL + INCREMENTAL':
      return 'the rows that are in the tables are exported, then every change from that moment on';
  }
}

/**
 * The first signal drains, the second ends at once; a terminal that goes away behind the first one asks for no haste.
 * Returns what takes the handlers away.
 */
function handleSignals(supervisor: Supervisor, log: Log, manager: ServiceManager): () => void {
  let signals = 0;
  const onSignal = (signal: NodeJS.Signals): void => {
    signals += 1;
    log.info(signals === 1 ? `${signal}: delivering what is under way; once more ends at once` : `${signal} again: ending at once`);
    if (signals === 1) supervisor.stop();
    else supervisor.stopNow();
    manager.stopping();
  };
  const onHangup = (signal: NodeJS.Signals): void => {
    if (signals === 0) onSignal(signal);
  };
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal).on('SIGHUP', onHangup);
  return () => process.off('SIGTERM', onSignal).off('SIGINT', onSignal).off('SIGHUP', onHangup);
}

/** Makes the listener that redraws the progress line with each message of statistics. */
function progressOn(terminal: Terminal, config: Config, supervisor: () => Supervisor): () => void {
  let previous: Sample = { atMs: performance.now(), delivered: 0, deliveredBytes: 0 };
  return () => {
    const { watch } = supervisor();
    if (watch.stats === null) return;
    const current = { atMs: performance.now(), ...watch.totals() };
    terminal.setStatus(progressLine(config.changefeed, previous, current, watch.stats));
    previous = current;
  };
}

/** Of an export that ends by itself: the rows of each table, and of all. */
function printCounts(finished: CaptureFinished | null, context: CommandContext): void {
  const counts = finished?.snapshot ?? null;
  if (counts === null) return;
  const total = counts.reduce((sum, { rows }) => sum + BigInt(rows), 0n);
  const rows = counts.map(({ table, rows: count }) => [table, count]);
  context.stdout.write(textTable(['table', 'rows'], [...rows, ['all', String(total)]]));
}

function conclude(status: ChangefeedStatus, log: Log): number {
  if (status.error === null || status.state === 'stopped' || status.state === 'finished') {
    log.info(`the changefeed is ${status.state}`);
    return ExitCode.ok;
  }
  log.error(status.error);
  return exitCodeOf(fromErrorRecord(status.error));
}
