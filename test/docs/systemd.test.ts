import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ExitCode } from '../../engine/control/cli/command.ts';
import { OPTIONS } from '../../engine/control/config/options.ts';
import { projectRoot } from '../support/paths.ts';
import { skipUnless } from '../support/skip.ts';
import { tempDir } from '../support/temp.ts';

const UNIT = join(projectRoot, 'docs/systemd/millrace.service');
const TEXT = readFileSync(UNIT, 'utf8');
/** Tenths of the exposure that `systemd-analyze security` reckons, 0 to 100; it calls up to 2.0 the best class but one. */
const EXPOSURE_MAX = 13;

/** The values of a setting of the unit, as they stand there. */
function valuesOf(name: string): string[] {
  return TEXT.split('\n')
    .filter((line) => line.startsWith(`${name}=`))
    .map((line) => line.slice(name.length + 1));
}

describe('the unit for systemd', () => {
  const skip = skipUnless('systemd-analyze');

  it('has no setting that systemd does not know', { skip }, (t) => {
    const verify = (text: string) => {
      const file = join(tempDir(t), 'millrace.service');
      writeFileSync(file, text.replace('/usr/bin/node', process.execPath));
      const { stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', file], { encoding: 'utf8' });
      // It looks at the units of this machine, too.
      return `${stdout}${stderr}`.split('\n').filter((line) => line.includes('millrace'));
    };
    assert.deepEqual(verify(TEXT), []);
    assert.match(verify(TEXT.replace('WatchdogSec', 'WatchdogSecs')).join(), /Unknown key.*WatchdogSecs/);
  });

  it(`exposes little: ${EXPOSURE_MAX / 10} of 10 at most`, { skip }, () => {
    const judge = (threshold: number) =>
      spawnSync('systemd-analyze', ['security', '--offline=true', `--threshold=${threshold}`, UNIT], { encoding: 'utf8' });
    const { status, stdout } = judge(EXPOSURE_MAX);
    assert.equal(status, 0, stdout);
    assert.notEqual(judge(0).status, 0, 'the threshold counts');
  });

  it('starts again after a crash, and not after what only a person can mend', () => {
    assert.deepEqual(valuesOf('Restart'), ['on-failure']);
    assert.deepEqual(valuesOf('RestartPreventExitStatus'), [`${ExitCode.failed} ${ExitCode.configuration}`]);
  });

  it('has the configuration read again by the signal that reads it', () => {
    assert.deepEqual(valuesOf('ExecReload'), ['/bin/kill -HUP $MAINPID']);
  });

  it('leaves more time to end than Millrace takes', () => {
    const seconds = Number.parseInt(OPTIONS.shutdownTimeout.defaultText, 10);
    assert.ok(Number(valuesOf('TimeoutStopSec')[0]) >= seconds + 15, 'the deadline, and that of the last word');
  });

  it('gives options that there are', () => {
    const known = new Set(Object.values(OPTIONS).map(({ name }) => `MILLRACE_${name}`));
    const given = [...TEXT.matchAll(/\bMILLRACE_[A-Z_]+/g)].map(([name]) => name.replace(/_FILE$/, ''));
    assert.deepEqual(
      given.filter((name) => !known.has(name)),
      [],
    );
    assert.ok(given.length > 2);
  });
});
