import assert from 'node:assert/strict';
import { blockOf } from '../support/handbook.ts';
import type { Millrace, MillraceOptions } from '../support/millrace.ts';
import { run } from '../support/run.ts';
import { runCommand } from './command.ts';

/** What a recipe is carried out on. */
export interface RecipeTarget {
  readonly engine: Millrace;
  /** Of the changefeed, which recipes call `default`. */
  readonly name: string;
  readonly url: string;
}

/** Carries out a recipe of docs/operations.md, line by line. */
export async function carryOutRecipe({ engine, name, url }: RecipeTarget, heading: string, options: MillraceOptions = {}): Promise<void> {
  const env = {
    MILLRACE_SOURCE_URL: options['SOURCE_URL'] ?? url,
    MILLRACE_STATE_DIR: engine.stateDir,
    MILLRACE_CHANGEFEED: name,
    MILLRACE_HTTP_ADDRESS: `127.0.0.1:${engine.httpPort}`,
  };
  const block = blockOf(heading, 'sh').replaceAll('default', name).replaceAll('localhost:8300', env.MILLRACE_HTTP_ADDRESS);
  for (const line of block.trim().split('\n')) {
    const [, variable, value, command = ''] = /^(?:MILLRACE_(\w+)=('[^']*'|\S+) )?(.*)$/.exec(line)!;
    const given = variable === undefined ? {} : { [variable]: value!.replaceAll("'", '') };
    if (command === 'millrace run') {
      await engine.start({ ...options, ...given });
    } else if (command.startsWith('millrace ')) {
      const { code, stderr } = await runCommand(command.split(' ').slice(1), { env });
      assert.equal(code, 0, `${line}: ${stderr}`);
    } else {
      await run('sh', ['-c', line], { env });
    }
  }
}
