#!/usr/bin/env node
import { runCli } from './control/cli/cli.ts';
import { standardError } from './control/terminal.ts';

process.exitCode = await runCli(process.argv.slice(2), {
  env: process.env,
  cwd: process.cwd(),
  stdout: process.stdout,
  stderr: standardError(),
  terminal: process.stderr.isTTY,
  screen: process.stdout.isTTY,
});
