import { fromErrorRecord, toErrorRecord } from '../../base/errors.ts';
import type { ChangefeedStatus } from '../changefeed.ts';
import type { Config, ServiceConfig } from '../config/config.ts';
import { checkApart } from '../check-process.ts';
import { withChosenTables } from '../chosen-tables.ts';
import { configOf, readService, redactorOf } from '../config/service.ts';
import { startHttp, type HttpServer } from '../http/server.ts';
import { Log, logOf, type LogWriter } from '../log.ts';
import { forgoReports, takeSecrets } from '../secrets.ts';
import { openServiceManager, type ServiceManager } from '../service-manager.ts';
import { Reload } from '../reload.ts';
import { Selections } from '../selections.ts';
import { Service, servedBy, type ServedChangefeed } from '../service.ts';
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
 * `millrace run`: exports until SIGTERM, SIGINT, the end of its terminal, or until every changefeed is over. Resolves with the exit code.
 * @throws MillraceError `CONFIG_INVALID`, and those of the state directory, before anything is started
 */
export async function run(argv: readonly string[], context: CommandContext, captureFile = CAPTURE_FILE): Promise<number> {
  // As it is now: what is secret of it is taken out of the process.
  const input = { argv, env: { ...context.env }, cwd: context.cwd };
  const readings = readService(input);
  const config = configOf(readings, context.terminal);
  process.title = 'millrace';
  const redact = redactorOf(config, context.env);
  const secrets = takeSecrets(process.env);
  const inForce = await Promise.all(config.changefeeds.map(withChosenTables));
  const terminal = new Terminal(context.stderr);
  const log = new Log({ ...config.log, redact, terminal, colour: context.terminal });
  const now = () => performance.now();
  const progress = context.terminal && config.log.format === 'pretty' ? new Progress(terminal, now) : null;
  const changefeeds = inForce.map((changefeed, index) =>
    served(changefeed, {
      secrets,
      log: config.changefeeds.length === 1 ? log : logOf(changefeed.changefeed, log),
      captureFile,
      now,
      progress,
      onOwned: once(() => dropOvertaken(config.changefeeds[index] ?? changefeed)),
    }),
  );
  const dropOvertaken = (given: Config) => {
    selections.dropOvertaken(given).catch((error: unknown) => log.error(toErrorRecord(error)));
  };
  const configured = new Map(config.changefeeds.map(({ changefeed, source }) => [changefeed, source.tables]));
  const selections = new Selections({ configured, check: (changed) => checkApart({ config: changed, secrets }) });
  const service = new Service({ changefeeds, selections, log, redact, now });
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
  const reload = new Reload({ service, readings, read: () => readService(input), judge: (again) => configOf(again, context.terminal) });
  const release = handleSignals(service, manager, context.terminal ? null : reload);
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
  /** Called with the statistics of a capture: it owns the changefeed's state. */
  readonly onOwned: () => void;
}

function served(config: Config, { secrets, log, captureFile, now, progress, onOwned }: Parts): ServedChangefeed {
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
      onOwned();
    },
  });
  return servedBy(supervisor, log);
}

function once(work: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) work();
    isDone = true;
  };
}

function announce(config: ServiceConfig, { changefeeds, log }: Service, http: HttpServer | null): void {
  for (const warning of config.warnings) log.warn(warning);
  for (const changefeed of changefeeds) for (const warning of changefeed.config.warnings) changefeed.log.warn(warning);
  const [first, ...others] = changefeeds;
  const isOne = others.length === 0;
  log.info('Millrace starts', {
    version: millraceVersion(),
    pid: process.pid,
    ...(isOne && first !== undefined
      ? aboutOf(first.config)
      : { changefeeds: config.changefeeds.map(({ changefeed }) => changefeed).join(',') }),
    http: http?.url ?? 'off',
  });
  for (const changefeed of changefeeds) changefeed.log.info(exportedBy(changefeed.config), isOne ? {} : aboutOf(changefeed.config));
  for (const [index, { source }] of config.changefeeds.entries()) announceChoice(changefeeds[index], source.tables);
}

/** What was chosen while the changefeed ran holds over its end. */
function announceChoice(changefeed: ServedChangefeed | undefined, configured: readonly string[]): void {
  if (changefeed === undefined || changefeed.config.source.tables === configured) return;
  changefeed.log.info('the tables are those that were chosen while it ran; MILLRACE_TABLES is as it was then, and gives way', {
    tables: changefeed.config.source.tables.join(','),
    configured: configured.join(','),
  });
}

function aboutOf({ changefeed, source, kafka, stateDir }: Config) {
  return { changefeed, tables: source.tables.join(','), topic: kafka.topic, stateDir };
}

function exportedBy({ syncMode, source }: Config): string {
  switch (syncMode) {
    case 'FULL':
      return 'the rows that are in the tables are exported, and no change after them';
    case 'INCREMENTAL':
      return source.kind === 'postgres'
        ? `only changes from the start of slot ${source.slot} on are exported; rows that were there before are not`
        : 'only changes from MILLRACE_START_POSITION on are exported; rows that were there before are not';
    case 'FULL + INCREMENTAL':
      return 'the rows that are in the tables are exported, then every change from that moment on';
  }
}

/**
 * The first signal drains, the second ends at once; a terminal that goes away behind the first one asks for no haste. Without a terminal
 * SIGHUP has no other meaning than that of all services: the configuration is read again.
 * @param reload null on a terminal
 * @returns what takes the handlers away
 */
function handleSignals(service: Service, manager: ServiceManager, reload: Reload | null): () => void {
  let signals = 0;
  const onSignal = (signal: NodeJS.Signals): void => {
    signals += 1;
    service.log.info(signals === 1 ? `${signal}: delivering what is under way; once more ends at once` : `${signal} again: ending at once`);
    if (signals === 1) service.stop();
    else service.stopNow();
    manager.stopping();
  };
  const onHangup = (signal: NodeJS.Signals): void => {
    if (signals > 0) return;
    if (reload === null) onSignal(signal);
    else void reload.run();
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
