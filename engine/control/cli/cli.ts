import { Command, CommanderError } from 'commander';
import { optionsText } from '../config/describe.ts';
import { redactPatterns } from '../redact.ts';
import { millraceVersion } from '../version.ts';
import { ExitCode, reportError, type CommandContext } from './command.ts';

const OPTIONS_HINT = `
Options are given as --name value, as environment variables MILLRACE_NAME, or in the file that MILLRACE_CONFIG names.

`;

/** Runs one command line (without node and script) and resolves with the exit code. Commands are loaded when they are called. */
export async function runCli(argv: readonly string[], context: CommandContext): Promise<number> {
  let exitCode: number = ExitCode.ok;
  const program = new Command('millrace')
    .description('Change data capture from PostgreSQL to Apache Kafka.')
    .version(millraceVersion(), '-V, --version', "show Millrace's version")
    .exitOverride()
    .configureOutput({ writeOut: (text) => context.stdout.write(text), writeErr: (text) => context.stderr.write(text) });
  addCommands(program, context, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.ok : ExitCode.configuration;
    return reportError(error, context, redactPatterns);
  }
}

interface Flags {
  readonly source?: boolean;
  readonly sink?: boolean;
  readonly json?: boolean;
  readonly values?: boolean;
  readonly watch?: boolean;
  readonly all?: boolean;
  readonly force?: boolean;
  readonly where?: string;
  readonly comment?: string;
  readonly wait?: boolean;
}

/** Adds a command to a program or a group of commands. */
type Add = (parent: Command, name: string, description: string, act: (argv: string[], flags: Flags) => Promise<number>) => Command;

function addCommands(program: Command, context: CommandContext, exit: (code: number) => void): void {
  /** A command that takes every option of the table: their names are checked where they are read, so that all problems come at once. */
  const add: Add = (parent, name, description, act) =>
    parent
      .command(name)
      .description(description)
      .argument('[options...]')
      .usage('[--name value ...]')
      .allowUnknownOption()
      .action(async (_words: string[], flags: Flags, command: Command) => exit(await act(command.args, flags)));
  addService(program, add, context);
  addState(program, add, context);
  addLetters(program, add, context);
  add(program, 'version', 'show the versions of Millrace, Node and librdkafka', async () =>
    (await import('./version.ts')).version(context),
  );
}

/** What runs a service, looks at it, or at what it is to run on. */
function addService(program: Command, add: Add, context: CommandContext): void {
  add(program, 'run', 'export changes until it is told to stop', async (args) => (await import('./run.ts')).run(args, context)).addHelpText(
    'after',
    () => OPTIONS_HINT + optionsText(),
  );
  add(program, 'status', 'show what the service does', async (args, flags) => (await import('./status.ts')).status(args, flags, context))
    .usage('[ID] [--name value ...]')
    .option('--watch', 'again every second, until it is interrupted')
    .option('--json', 'as JSON');
  add(program, 'check', 'look at both sides of a changefeed before its start, and change nothing', async (args, flags) =>
    (await import('./check.ts')).check(args, flags, context),
  )
    .option('--source', 'the database alone')
    .option('--sink', 'Kafka alone')
    .option('--json', 'as JSON');
  add(program, 'objects', 'list what can be exported: tables, materialized views and what each of them lacks', async (args, flags) =>
    (await import('./objects.ts')).objects(args, flags.json === true, context),
  ).option('--json', 'as JSON');
  add(program, 'options', 'list every option', async (args, flags) => {
    const commands = await import('./options.ts');
    return flags.values === true ? commands.optionValues(args, context) : commands.options(args, flags.json === true, context);
  })
    .option('--json', 'as JSON')
    .option('--values', 'show the values in force and where they come from; secrets are hidden');

  add(program, 'snapshot', 'read a table again while the service streams; list such reads, or cancel one', async (args, flags) =>
    (await import('./snapshot.ts')).snapshot(args, flags, context),
  )
    .usage('TABLE | list | cancel ID [--name value ...]')
    .option('--where <sql>', 'only rows for which this holds')
    .option('--comment <text>', 'why; messages repeat it with MILLRACE_BOOTSTRAP_TYPES=true')
    .option('--wait', 'until it is over, and fail where it does')
    .option('--json', 'as JSON');
}

/** What a changefeed keeps: its slot and its checkpoint. */
function addState(program: Command, add: Add, context: CommandContext): void {
  const slot = program.command('slot').description('look at replication slots, and drop them');
  add(slot, 'list', 'list the replication slots of the server', async (args, flags) =>
    (await import('./slot.ts')).listSlotsCommand(args, flags.json === true, context),
  ).option('--json', 'as JSON');
  add(slot, 'drop', 'drop the slot NAME for good; nobody may be reading it', async (args) =>
    (await import('./slot.ts')).dropSlotCommand(args[0] ?? '--', args.slice(1), context),
  ).usage('NAME [--name value ...]');

  const position = program.command('position').description('look at the stored position of a changefeed, move it, and give it up');
  add(position, 'show', 'show the stored checkpoint', async (args, flags) =>
    (await import('./position.ts')).showPosition(args, flags.json === true, context),
  ).option('--json', 'as JSON');
  add(position, 'reset', 'give up the stored position of a changefeed that does not run', async (args) =>
    (await import('./position.ts')).resetPosition(args, context),
  );
  add(position, 'move', 'take the checkpoint of a changefeed that does not run to PLACE: file or topic', async (args) =>
    (await import('./position.ts')).movePosition(args[0] ?? '', args.slice(1), context),
  ).usage('PLACE [--name value ...]');
}

function addLetters(program: Command, add: Add, context: CommandContext): void {
  const letters = program.command('dead-letters').description('look at rows that could not be sent, and send them again');
  add(letters, 'list', 'list the dead letters of a changefeed', async (args, flags) =>
    (await import('./dead-letters.ts')).listLetters(args, flags.json === true, context),
  ).option('--json', 'as JSON');
  add(letters, 'show', 'show the dead letter LETTER, with its row', async (args, flags) =>
    (await import('./dead-letters.ts')).showLetter(args[0] ?? '--', args.slice(1), flags.json === true, context),
  )
    .usage('LETTER [--name value ...]')
    .option('--json', 'as JSON');
  add(letters, 'replay', 'send dead letters again, of a changefeed that does not run', async (args, flags) =>
    (await import('./dead-letters.ts')).replayLetters(args, flags, context),
  )
    .usage('LETTER ... [--name value ...]')
    .option('--all', 'all of them')
    .option('--force', 'also those that later messages of their keys have overtaken');
}
