import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { ExitCode } from '../../../../engine/control/cli/command.ts';

const DEFECT = new URL('../../../../engine/control/cli/defect.js', import.meta.url).href;

test('what nobody catches ends the process with a code of its own, without secrets', () => {
  for (const thrown of ['throw error', 'Promise.reject(error)']) {
    const program = `
      import { endAtDefects } from ${JSON.stringify(DEFECT)};
      endAtDefects({ stderr: process.stderr });
      const error = Object.assign(new Error('of password=hidden-word'), { config: { pass: 'hidden-word' } });
      setTimeout(() => { ${thrown}; }, 0);
      setInterval(() => {}, 1000);`;
    const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8' });
    assert.equal(status, ExitCode.defect, stderr);
    assert.match(stderr, /^INTERNAL: of password=\*\*\*\n.*\n +at /s);
    assert.doesNotMatch(stderr, /hidden-word/);
  }
});
