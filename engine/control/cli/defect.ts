import { redactPatterns } from '../redact.ts';
import { ExitCode, reportError, type CommandContext } from './command.ts';

/**
 * Ends the process when something is thrown that nobody catches. Node would print the error with all that it carries, secrets too, and exit
 * with the code of a changefeed that failed.
 */
export function endAtDefects(context: CommandContext): void {
  process.on('uncaughtException', (error) => {
    reportError(error, context, redactPatterns);
    process.exit(ExitCode.defect);
  });
}
