#!/usr/bin/env node
import { runCli } from './control/cli/cli.ts';
import { ExitCode, reportError, type CommandContext } from './control/cli/command.ts';
import { redactPatterns } from './control/redact.ts';
import { standardError } from './control/terminal.ts';

const context: CommandContext = {
  env: process.env,
  cwd: process.cwd(),
  stdout: process.stdout,
  stderr: standardError(),
  terminal: process.stderr.isTTY,
  screen: process.stdout.isTTY,
};

// Node would print the error with all that it carries, secrets too, and exit with the code of a changefeed that failed.
process.on('uncaughtException', (error) => {
  reportError(error, context, redactPatterns);
  process.exit(ExitCode.defect);
});

process.exitCode = await runCli(process.argv.slice(2), context);
