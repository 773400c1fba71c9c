#!/usr/bin/env node
import { runCli } from './control/cli/cli.ts';
import { endAtDefects } from './control/cli/defect.ts';
import { standardError } from './control/terminal.ts';

const context = {
  env: process.env,
  cwd: process.cwd(),
  stdout: process.stdout,
  stderr: standardError(),
  terminal: process.stderr.isTTY,
  screen: process.stdout.isTTY,
};
endAtDefects(context);
process.exitCode = await runCli(process.argv.slice(2), context);
