import { CODES } from '../../base/codes.ts';
import { toErrorRecord } from '../../base/errors.ts';
import type { ConfigInput } from '../config/read.ts';
import { adviceOf } from '../log.ts';
import type { TextOutput } from '../terminal.ts';

/** What a command is given by its surroundings. */
export interface CommandContext extends Omit<ConfigInput, 'argv'> {
  readonly stdout: TextOutput;
  readonly stderr: TextOutput;
  /** Whether standard error is a terminal. */
  readonly terminal: boolean;
  /** Whether standard output is one. */
  readonly screen: boolean;
}

/** What the process's exit code says. */
export const ExitCode = {
  ok: 0,
  /** The changefeed failed, a command could not do its work, or a check found what stands in the way. */
  failed: 1,
  /** Nothing was started: the configuration or the command line is wrong. */
  configuration: 2,
  /** A defect of Millrace ended the process (EX_SOFTWARE): another start helps, where none does after the codes above. */
  defect: 70,
} as const;

/** Prints an error with its code and where to read about it; returns the exit code that belongs to it. */
export function reportError(thrown: unknown, context: CommandContext, redact: (text: string) => string): number {
  const record = toErrorRecord(thrown);
  const stack = record.code === 'INTERNAL' && record.stack !== null ? `${record.stack}\n` : '';
  context.stderr.write(redact(`${record.code}: ${record.message}\n${stack}${adviceOf(record)}\n`));
  return exitCodeOf(thrown);
}

export function exitCodeOf(thrown: unknown): number {
  const { code } = toErrorRecord(thrown);
  if (code === 'INTERNAL') return ExitCode.defect;
  return CODES[code].action === 'fix-config' ? ExitCode.configuration : ExitCode.failed;
}
