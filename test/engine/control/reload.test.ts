import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { tempDir } from '../../support/temp.ts';
import { until, within } from '../../support/wait.ts';
import { logged, start } from './cli/running.ts';
import { untilStopped } from './stage.ts';

describe('a service that gets SIGHUP', () => {
  it('reads its configuration again at SIGHUP where there is no terminal that could have gone away', async (t) => {
    const file = join(tempDir(t), 'millrace.json');
    writeFileSync(file, '{"linger_ms": 5}');
    const run = start(t, [untilStopped], { MILLRACE_CONFIG: file });
    await logged(run, 'streaming');
    for (let times = 1; times <= 2; times++) {
      run.kill('SIGHUP');
      await until(() => run.text().split('reading the configuration again').length === times + 1, { what: run.text });
    }
    assert.doesNotMatch(run.text(), /RELOAD_REFUSED|delivering what is under way/);
    writeFileSync(file, '{"linger_ms": 6}');
    run.kill('SIGHUP');
    await logged(run, 'these change with a start of the service only: MILLRACE_LINGER_MS');
    run.kill('SIGTERM');
    assert.deepEqual(await within(run.exit, 30_000, 'the end'), { code: 0, signal: null });
  });

  it('says that there is no file to read again, and goes on', async (t) => {
    const run = start(t, [untilStopped]);
    await logged(run, 'streaming');
    run.kill('SIGHUP');
    await logged(run, 'there is no file to read: MILLRACE_CONFIG is not set');
    run.kill('SIGTERM');
    assert.deepEqual(await within(run.exit, 30_000, 'the end'), { code: 0, signal: null });
  });
});
