import { run } from '../../../../engine/control/cli/run.ts';
import { standardError } from '../../../../engine/control/terminal.ts';
import { STAND_IN } from '../stage.ts';

/** `millrace run` in a process of its own, with the stand-in as its capture. */
const terminal = process.env['MILLRACE_TEST_TERMINAL'] === '1';
const context = { env: process.env, cwd: process.cwd(), stdout: process.stdout, stderr: standardError(), terminal, screen: false };
process.exitCode = await run(process.argv.slice(2), context, STAND_IN);
