import { optionEntries, optionsText, valuesText } from '../config/describe.ts';
import { invalid } from '../config/load.ts';
import { gathered } from '../config/changefeeds.ts';
import { readChangefeeds } from '../config/read.ts';
import { ExitCode, type CommandContext } from './command.ts';

/** `millrace options`: every option, as text or JSON. */
export function options(argv: readonly string[], json: boolean, context: CommandContext): number {
  if (argv.length > 0) throw invalid(['millrace options: accepted: --json, or --values and options as for run']);
  context.stdout.write(json ? `${JSON.stringify(optionEntries(), null, 2)}\n` : optionsText());
  return ExitCode.ok;
}

/** `millrace options --values`: what is in force and where it comes from. Throws `CONFIG_INVALID` for values that are not accepted. */
export function optionValues(argv: readonly string[], context: CommandContext): number {
  const readings = readChangefeeds({ ...context, argv }, []);
  const texts = readings.map((read) => (readings.length === 1 ? '' : `${read.label}\n\n`) + valuesText(read));
  context.stdout.write(texts.join('\n'));
  const problems = gathered(readings, (read) => read.problems);
  if (problems.length > 0) throw invalid(problems);
  return ExitCode.ok;
}
