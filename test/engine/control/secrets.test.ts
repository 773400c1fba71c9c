import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { takeSecrets } from '../../../engine/control/secrets.ts';

const SECRETS = new URL('../../../engine/control/secrets.js', import.meta.url).href;

describe('secrets of the environment', () => {
  it('are taken out of it, and what the configuration does not hold is returned', () => {
    const env: NodeJS.ProcessEnv = { PATH: '/bin', PGHOST: 'db', PGPASSWORD: 'one', MILLRACE_SOURCE_URL: 'postgres://u:two@h/d' };
    assert.deepEqual(takeSecrets(env), { PGPASSWORD: 'one' });
    assert.deepEqual(env, { PATH: '/bin', PGHOST: 'db' });
    assert.deepEqual(takeSecrets(env), {});
  });
});

describe('a process with a secret on its command line', () => {
  it('is not ended by the signal that asks for a report, and says why there is none', () => {
    const program = `
      import { forgoReports } from ${JSON.stringify(SECRETS)};
      let told = 0;
      const warn = (message) => {
        console.log(message);
        if (++told === 2) process.exit(0);
      };
      forgoReports({ warn });
      process.kill(process.pid, 'SIGUSR2');
      setInterval(() => {}, 1000);`;
    const args = ['--report-on-signal', '--report-directory=/nowhere', '--input-type=module', '--eval', program];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 30_000 });
    assert.equal(status, 0, stderr);
    assert.equal(stdout.match(/the command line holds a secret/g)?.length, 2, stdout + stderr);
  });
});
