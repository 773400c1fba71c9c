import { fromErrorRecord } from '../../base/errors.ts';
import type { ChangefeedStatus } from '../changefeed.ts';
import type { Config, ServiceConfig } from '../config/config.ts';
import { loadService, redactorOf } from '../config/service.ts';
import { startHttp, type HttpServer } from '../http/server.ts';
import { Log, logOf, type LogWriter } from '../log.ts';
import { forgoReports, takeSecrets } from '../secrets.ts';
import { openServiceManager, type ServiceManager } from '../service-manager.ts';
import { Service, type ServedChangefeed } from '../service.ts';
import { snapshotLogger } from '../snapshot-log.ts';
import { CAPTURE_FILE, Supervisor } from '../supervisor.ts';
import { Terminal } from '../terminal.ts';
import { millraceVersion } from '../version.ts';
import { Progress } from './run-progress.ts';
import { textTable } from './table.ts';
import { ExitCode, exitCodeOf, reportError, type CommandContext } from './command.ts';

/** The capture closes its producer and its connections after its last message; each of them has a shorter deadline of its own. */
const LAST_WORD_MS = 15_000;

/**
 * `millrace run`: exports until SIGTERM, SIGINT, SIGHUP, or until every changefeed is over. Resolves with the exit code.
 * Throws `CONFIG_INVALID` before anything is started.
 */
export async function run(argv: readonly string[], context: CommandContext, captureFile = CAPTURE_FILE): Promise<number> {
  const config = loadService({ ...context, argv }, context.terminal);
  process.title = 'millrace';
  const redact = redactorOf(config, context.env);
  const secrets = takeSecrets(process.env);
  const terminal = new Terminal(context.stderr);
  const log = new Log({ ...config.log, redact, terminal, colour: context.terminal });
  const now = () => performance.now();
  const progress = context.terminal && config.log.format === 'pretty' ? new Progress(terminal, now) : null;
  const changefeeds = config.changefeeds.map((changefeed) =>
    served(changefeed, {
      secrets,
      log: config.changefeeds.length === 1 ? log : logOf(changefeed.changefeed, log),
      captureFile,
      now,
      progress,
    }),
  );
  const service = new Service({ changefeeds, log, redact, now });
  progress?.show(service);
  let http: HttpServer | null;
  try {
    http = config.http === null ? null : await startHttp(config.http, service);
  } catch (error) {
    return reportError(error, context, redact);
  }
  announce(config, service, http);
  if (argv.some((word) => redact(word) !== word)) forgoReports(log);
  const manager = await openServiceManager(
    process.env,
    changefeeds.map((changefeed) => ({ ...changefeed, redact, now })),
  );
  const release = handleSignals(service, manager);
  await service.run();
  release();
  manager.stopping();
  terminal.setStatus('');
  await http?.close();
  manager.close();
  for (const changefeed of changefeeds) printCounts(changefeed, context, changefeeds.length > 1);
  return exitCodeOfAll(changefeeds.map(({ supervisor }) => supervisor.status));
}

interface Parts {
  readonly secrets: Readonly<Record<string, string>>;
  readonly log: LogWriter;
  readonly captureFile: string;
  readonly now: () => number;
  readonly progress: Progress | null;
}

function served(config: Config, { secrets, log, captureFile, now, progress }: Parts): ServedChangefeed {
  const logSnapshot = snapshotLogger(log, now);
  const supervisor = new Supervisor({
    config,
    secrets,
    log,
    captureFile,
    now,
    random: Math.random,
    lastWordMs: LAST_WORD_MS,
    onStats: () => {
      progress?.draw();
      logSnapshot(supervisor.watch.stats);
    },
  });
  return { config, supervisor, log };
}

function announce(config: ServiceConfig, { changefeeds, log }: Service, http: HttpServer | null): void {
  for (const warning of config.warnings) log.warn(warning);
  for (const changefeed of changefeeds) for (const warning of changefeed.config.warnings) changefeed.log.warn(warning);
  const isOne = changefeeds.length === 1;
  log.info('Millrace starts', {
    version: millraceVersion(),
    pid: process.pid,
    ...(isOne ? aboutOf(config.changefeeds[0]) : { changefeeds: config.changefeeds.map(({ changefeed }) => changefeed).join(',') }),
    http: http?.url ?? 'off',
  });
  for (const changefeed of changefeeds) changefeed.log.info(exportedBy(changefeed.config), isOne ? {} : aboutOf(changefeed.config));
}

function aboutOf({ changefeed, source, kafka, stateDir }: Config) {
  return { changefeed, tables: source.tables.join(','), topic: kafka.topic, stateDir };
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
function handleSignals(service: Service, manager: ServiceManager): () => void {
  let signals = 0;
  const onSignal = (signal: NodeJS.Signals): void => {
    signals += 1;
    service.log.info(signals === 1 ? `${signal}: delivering what is under way; once more ends at once` : `${signal} again: ending at once`);
    if (signals === 1) service.stop();
    else service.stopNow();
    manager.stopping();
  };
  const onHangup = (signal: NodeJS.Signals): void => {
    if (signals === 0) onSignal(signal);
  };
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal).on('SIGHUP', onHangup);
  return () => process.off('SIGTERM', onSignal).off('SIGINT', onSignal).off('SIGHUP', onHangup);
}

/** Of an export that has ended by itself: the rows of each table, and of all. */
function printCounts({ config, supervisor }: ServedChangefeed, context: CommandContext, isNamed: boolean): void {
  const counts = supervisor.status.state === 'finished' ? (supervisor.finished?.snapshot ?? null) : null;
  if (counts === null) return;
  const total = counts.reduce((sum, { rows }) => sum + BigInt(rows), 0n);
  const rows = counts.map(({ table, rows: count }) => [table, count]);
  if (isNamed) context.stdout.write(`changefeed ${config.changefeed}\n`);
  context.stdout.write(textTable(['table', 'rows'], [...rows, ['all', String(total)]]));
}

/** What all have in common, else that one failed. */
function exitCodeOfAll(statuses: readonly ChangefeedStatus[]): number {
  const codes = new Set(
    statuses.map(({ state, error }) => (state === 'failed' && error !== null ? exitCodeOf(fromErrorRecord(error)) : ExitCode.ok)),
  );
  const [code = ExitCode.ok] = codes;
  return codes.size === 1 ? code : ExitCode.failed;
}
