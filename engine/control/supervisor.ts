import { fileURLToPath } from 'node:url';
import { MillraceError, toErrorRecord, type ErrorRecord } from '../base/errors.ts';
import { pauseMs } from '../base/retry.ts';
import type { ReadOrder } from '../change/table-read.ts';
import { CaptureProcess } from './capture-process.ts';
import { CaptureWatch } from './capture-watch.ts';
import { NEW_CHANGEFEED, isOver, nextStatus, type ChangefeedEvent, type ChangefeedStatus, type Wanted } from './changefeed.ts';
import type { Config } from './config/config.ts';
import { ErrorBook } from './error-book.ts';
import type { LogWriter } from './log.ts';
import type { CaptureFinished, CaptureMessage } from './messages.ts';
import { SilenceTimer } from './silence.ts';

/** The emitted entry of a capture process. */
export const CAPTURE_FILE = fileURLToPath(new URL('../capture.js', import.meta.url));

export interface SupervisorOptions {
  readonly config: Config;
  /** What the capture process is told and does not find in its environment. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly log: LogWriter;
  readonly captureFile: string;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** In [0, 1). */
  readonly random: () => number;
  /** How long a capture may take to end after its last message. */
  readonly lastWordMs: number;
  /** Called after each message with statistics. */
  readonly onStats: () => void;
}

/**
 * Keeps one changefeed going: forks its capture process, restarts it with back-off, stops it within a deadline.
 * What happens next is decided by `nextStatus`; this class only does it.
 */
export class Supervisor {
  readonly watch = new CaptureWatch();

  /** What ended captures so far. */
  readonly errors = new ErrorBook();
  /** Warnings of captures so far, by code. */
  readonly warnings = new Map<string, number>();

  /** What the capture told last, once it has ended by itself. */
  finished: CaptureFinished | null = null;

  private readonly options: SupervisorOptions;
  /** What the next capture is started with. */
  private next: Config;
  private current: ChangefeedStatus = NEW_CHANGEFEED;
  private capture: CaptureProcess | null = null;
  private restartTimer: NodeJS.Timeout | undefined = undefined;
  private endTimer: NodeJS.Timeout | undefined = undefined;
  private silence: SilenceTimer | null = null;
  /** Why the capture was killed, where it was not its own doing. */
  private killedFor: ErrorRecord | null = null;
  /** When it was told to go on with another configuration; null once it does. */
  private changedAtMs: number | null = null;
  /** A capture has begun to read: those that follow go on with what it was begun with. */
  private wasReady = false;
  private over: (status: ChangefeedStatus) => void = () => {};

  constructor(options: SupervisorOptions) {
    this.options = options;
    this.next = options.config;
  }

  get config(): Config {
    return this.next;
  }

  get status(): ChangefeedStatus {
    return this.current;
  }

  /** Process id of the running capture; undefined between two. */
  get capturePid(): number | undefined {
    return this.capture?.pid;
  }

  /** Starts, also again after an end, and resolves when the changefeed is over: stopped, finished or failed. Never rejects. */
  run(): Promise<ChangefeedStatus> {
    const over = new Promise<ChangefeedStatus>((resolve) => {
      this.over = resolve;
    });
    if (isOver(this.current)) this.ask('restart');
    else this.start();
    return over;
  }

  /** Asks the capture to drain; what has not ended at the deadline is killed. Asking again changes nothing. */
  stop(): void {
    this.ask('stop');
  }

  /** Ends the capture without a drain. Nothing is lost: the next start repeats what lies behind the checkpoint. */
  stopNow(): void {
    this.stop();
    this.killLate();
  }

  /** Drains the capture and begins no other until `resume` or `restart`. */
  pause(): void {
    this.ask('pause');
  }

  /** Goes on after `pause`, from the checkpoint. */
  resume(): void {
    this.ask('resume');
  }

  /** Drains the capture and begins another, as a start of the service would; at once when it was waiting or paused. */
  restart(): void {
    this.ask('restart');
  }

  /**
   * Has the changefeed go on with another configuration: what runs is drained and begun anew from its checkpoint. One that is paused, is
   * over, or is ending anyway gets it with its next capture.
   */
  reconfigure(config: Config): void {
    this.next = config;
    const { phase } = this.current;
    if (phase !== 'starting' && phase !== 'streaming' && phase !== 'waiting') return;
    this.changedAtMs ??= this.options.now();
    this.ask('restart');
  }

  /** Asks the capture that runs for something beside its stream; without one, or at its end, the order is lost. */
  order(order: ReadOrder): void {
    this.capture?.order(order);
  }

  private ask(type: 'stop' | 'pause' | 'resume' | 'restart'): void {
    const before = this.current;
    this.apply({ type });
    if (this.current === before) return;
    clearTimeout(this.restartTimer);
    if (this.current.phase === 'starting') this.startAsked(type);
    else if (this.current.phase === 'draining' && before.phase !== 'draining') this.drain();
  }

  private drain(): void {
    if (this.capture === null) return;
    this.capture.stop();
    this.endTimer = setTimeout(() => this.killLate(), this.config.shutdownTimeoutMs);
  }

  private killLate(): void {
    this.killedFor = this.deadlineError();
    this.capture?.kill();
  }

  /** What the captures before were begun with binds one that resumes, and not one for which somebody asked anew. */
  private startAsked(wanted: Wanted): void {
    if (wanted === 'restart') this.wasReady = false;
    this.start();
  }

  private start(): void {
    const { secrets, captureFile, log } = this.options;
    const { config } = this;
    this.apply({ type: 'started' });
    this.silence = new SilenceTimer(config.captureTimeoutMs, () => this.killHung());
    this.capture = new CaptureProcess(
      captureFile,
      { config, secrets, isRestart: this.wasReady },
      {
        message: (message) => this.receive(message),
        stray: (line) => log.warn(line, { from: 'capture stderr' }),
        exited: (died) => this.exited(died),
      },
    );
  }

  private receive(message: CaptureMessage): void {
    const { log, now, lastWordMs, onStats } = this.options;
    this.silence?.heard();
    switch (message.type) {
      case 'alive':
        return;
      case 'ready':
        this.wasReady = true;
        this.watch.setReady(message.ready, now());
        this.apply({ type: 'ready', nowMs: now() });
        log.info(message.ready.position === null ? 'reading tables' : 'streaming', { ...message.ready });
        return this.tellChange();
      case 'stats':
        this.watch.addStats(message.stats, now());
        return onStats();
      case 'warning':
        this.warnings.set(message.code, (this.warnings.get(message.code) ?? 0) + 1);
        return log.warn(message.message, { ...message.details, code: message.code });
      case 'log':
        return log.log(message.level, message.message, message.details);
      case 'error':
        this.apply({ type: 'error', error: message.error });
        return this.endWithin(lastWordMs);
      case 'finished':
        this.finished = message.finished;
        this.apply({ type: 'finished' });
        return this.endWithin(lastWordMs);
    }
  }

  /** How long the change of the configuration has kept rows waiting. */
  private tellChange(): void {
    const { log, now } = this.options;
    if (this.changedAtMs === null || this.current.wanted !== 'run') return;
    log.info('the changefeed goes on with the configuration that it was given', { pauseMs: Math.round(now() - this.changedAtMs) });
    this.changedAtMs = null;
  }

  private killHung(): void {
    this.killedFor ??= this.hungError();
    this.capture?.kill();
  }

  /** Kills the capture when it has not ended by itself. */
  private endWithin(ms: number): void {
    clearTimeout(this.endTimer);
    this.endTimer = setTimeout(() => this.capture?.kill(), ms);
  }

  private exited(died: ErrorRecord): void {
    const { now } = this.options;
    const { wanted } = this.current;
    clearTimeout(this.endTimer);
    this.silence?.stop();
    this.capture = null;
    this.watch.captureEnded();
    this.apply({ type: 'exited', died: this.killedFor ?? died, nowMs: now(), retry: this.config.retry });
    this.killedFor = null;
    if (this.current.error !== null) this.errors.add(this.current.error, new Date());
    if (this.current.phase === 'starting') this.startAsked(wanted);
    if (this.current.phase === 'paused') this.tellPaused();
    if (this.current.phase === 'waiting') this.startLater();
  }

  private startLater(): void {
    const { log, now, random } = this.options;
    const { attempt, failingSinceMs } = this.current;
    const forMs = failingSinceMs === null ? 0 : now() - failingSinceMs;
    const delayMs = pauseMs(this.config.retry, { attempts: attempt - 1, forMs }, random());
    if (this.current.error !== null) log.error(this.current.error);
    log.warn(`the capture process restarts in ${(delayMs / 1000).toFixed(1)} s`, { restarts: this.current.restarts });
    this.restartTimer = setTimeout(() => this.start(), delayMs);
  }

  private tellPaused(): void {
    const { log } = this.options;
    if (this.current.error !== null) log.error(this.current.error);
    log.info('the changefeed is paused');
  }

  private apply(event: ChangefeedEvent): void {
    this.current = nextStatus(this.current, event);
    if (isOver(this.current)) this.over(this.current);
  }

  private hungError(): ErrorRecord {
    const seconds = this.config.captureTimeoutMs / 1000;
    const message = `the capture process was killed: it had said nothing for ${seconds} s (MILLRACE_CAPTURE_TIMEOUT)`;
    return toErrorRecord(new MillraceError('CAPTURE_HUNG', message));
  }

  private deadlineError(): ErrorRecord {
    const seconds = this.config.shutdownTimeoutMs / 1000;
    return toErrorRecord(
      new MillraceError(
        'SHUTDOWN_TIMEOUT',
        `the capture process was killed: it had not drained within ${seconds} s, or was told to end at once`,
      ),
    );
  }
}
