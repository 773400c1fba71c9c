import { createRequire } from 'node:module';
import { pino, type Logger } from 'pino';
import type * as PinoPretty from 'pino-pretty';
import { CODES } from '../base/codes.ts';
import type { ErrorDetails, ErrorRecord } from '../base/errors.ts';
import type { LogFormat, LogLevel } from './config/config.ts';
import type { Terminal } from './terminal.ts';

/** Where the error reference is, from the root of the installation. */
const ERROR_REFERENCE = 'docs/errors.md';

export interface LogOptions {
  readonly level: LogLevel;
  readonly format: LogFormat;
  /** Hides secrets; applied to every text that is logged, so that nothing gets around it. */
  readonly redact: (text: string) => string;
  readonly terminal: Terminal;
  readonly colour: boolean;
}

/** What writes entries. */
export interface LogWriter {
  log(level: LogLevel, message: string, details?: ErrorDetails): void;
  info(message: string, details?: ErrorDetails): void;
  warn(message: string, details?: ErrorDetails): void;
  error(error: ErrorRecord): void;
}

/** The log as one of several changefeeds writes it: each entry says which. */
export function logOf(changefeed: string, log: LogWriter): LogWriter {
  return {
    log: (level, message, details) => log.log(level, message, { changefeed, ...details }),
    info: (message, details) => log.info(message, { changefeed, ...details }),
    warn: (message, details) => log.warn(message, { changefeed, ...details }),
    error: (error) => log.error({ ...error, details: { changefeed, ...error.details } }),
  };
}

/**
 * The process's only writer of logs: one JSON object or one readable entry a line, on standard error.
 * The capture process sends its entries here: two processes on one terminal would tear the progress line, and both would have to know
 * the secrets.
 */
export class Log implements LogWriter {
  private readonly logger: Logger;
  private readonly redact: (text: string) => string;

  constructor(options: LogOptions) {
    const { terminal } = options;
    const pretty = options.format === 'pretty' ? prettyPrinter(options.colour) : null;
    this.redact = options.redact;
    this.logger = pino(
      {
        level: options.level,
        base: null,
        messageKey: 'message',
        timestamp: () => `,"time":"${new Date().toISOString()}"`,
        formatters: { level: (label) => ({ level: label }) },
      },
      { write: (line) => terminal.write(pretty === null ? line : pretty(line)) },
    );
  }

  /** Least level that is logged; can be changed at any time. */
  get level(): LogLevel {
    return this.logger.level as LogLevel;
  }

  set level(level: LogLevel) {
    this.logger.level = level;
  }

  /** Texts are redacted one by one rather than as a line, because a password such as `true` must not tear a JSON line. */
  log(level: LogLevel, message: string, details: ErrorDetails = {}): void {
    const entries = Object.entries(details).map(([name, value]) => [name, typeof value === 'string' ? this.redact(value) : value]);
    this.logger[level](Object.fromEntries(entries), this.redact(message));
  }

  info(message: string, details: ErrorDetails = {}): void {
    this.log('info', message, details);
  }

  warn(message: string, details: ErrorDetails = {}): void {
    this.log('warn', message, details);
  }

  /** An error with its code and where to read about it; the stack only where it helps, with defects of our own. */
  error(error: ErrorRecord): void {
    const stack = error.code === 'INTERNAL' && error.stack !== null ? { stack: error.stack } : {};
    this.log('error', error.message, { ...error.details, code: error.code, ...stack, advice: adviceOf(error) });
  }
}

/** What to do about an error and where more is written. */
export function adviceOf(error: ErrorRecord): string {
  return `${CODES[error.code].advice} See ${ERROR_REFERENCE}#${error.code.toLowerCase()}`;
}

/** pino-pretty is loaded only when it is asked for, and in this thread: a transport thread costs 10 MB. */
function prettyPrinter(colour: boolean): (line: string) => string {
  const load = createRequire(import.meta.url);
  const { prettyFactory } = load('pino-pretty') as typeof PinoPretty;
  return prettyFactory({ colorize: colour, messageKey: 'message', translateTime: 'SYS:HH:MM:ss.l', singleLine: true });
}
