import { Command, CommanderError } from 'commander';
import { optionsText } from '../config/describe.ts';
import { redactPatterns } from '../redact.ts';
import { ExitCode, reportError, type CommandContext } from './command.ts';

const OPTIONS_HINT = `
Options are given as --name value, as environment variables MILLRACE_NAME, or in the file that MILLRACE_CONFIG names.

`;

/** Runs one command line (without node and script) and resolves with the exit code. Commands are loaded when they are called. */
export async function runCli(argv: readonly string[], context: CommandContext): Promise<number> {
  let exitCode: number = ExitCode.ok;
  const program = new Command('millrace')
    .description('Change data capture from PostgreSQL to Apache Kafka.')
    .helpCommand(true)
    .exitOverride()
    .configureOutput({ writeOut: (text) => context.stdout.write(text), writeErr: (text) => context.stderr.write(text) });

  const takingOptions = (name: string, description: string, action: (argv: string[]) => Promise<number>): Command =>
    program
      .command(name)
      .description(description)
      .argument('[options...]')
      .usage('[--name value ...]')
      .allowUnknownOption()
      .action(async (_words: string[], _flags: object, command: Command) => {
        exitCode = await action(command.args);
      });

  takingOptions('run', 'export changes until it is told to stop', async (args) => (await import('./run.ts')).run(args, context)).addHelpText(
    'after',
    () => OPTIONS_HINT + optionsText(),
  );
  program
    .command('options')
    .description('list every option')
    .option('--json', 'as JSON')
    .option('--values', 'show the values in force and where they come from; secrets are hidden')
    .argument('[options...]', 'with --values: options as for run')
    .allowUnknownOption()
    .action(async (_words: string[], flags: { json?: boolean; values?: boolean }, command: Command) => {
      const commands = await import('./options.ts');
      exitCode = flags.values === true ? commands.optionValues(command.args, context) : commands.options(flags.json === true, context);
    });
  program
    .command('version')
    .description('show the versions of Millrace, Node and librdkafka')
    .action(async () => {
      exitCode = await (await import('./version.ts')).version(context);
    });

  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.ok : ExitCode.configuration;
    return reportError(error, context, redactPatterns);
  }
}
