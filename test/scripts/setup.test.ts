import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../support/paths.ts';
import { asUnprivileged } from '../support/postgres-install.ts';
import { skipUnless } from '../support/skip.ts';
import { tempDir } from '../support/temp.ts';

function setup(target: string, options: { wrapper?: readonly string[]; path?: string } = {}) {
  const line = [...(options.wrapper ?? []), 'sh', join(projectRoot, 'scripts/setup'), target];
  const env = { ...process.env, ...(options.path === undefined ? {} : { PATH: options.path }) };
  return spawnSync(line[0] as string, line.slice(1), { env, encoding: 'utf8', cwd: '/' });
}

test(
  'says nothing and does nothing when all is in place',
  {
    skip: skipUnless(
      'flink',
      'kafka',
      'kcat',
      'postgres-14',
      'postgres-15',
      'postgres-18',
      'postgis',
      'promtool',
      'chromium',
      'mariadb',
      'mysql',
    ),
  },
  () => {
    for (const target of ['build', 'demo', 'test']) {
      const result = setup(target);
      assert.deepEqual([result.status, result.stdout, result.stderr], [0, '', ''], target);
    }
  },
);

test('refuses an unknown target and names the known ones', () => {
  const result = setup('everything');
  assert.equal(result.status, 1);
  assert.match(result.stderr, /unknown target everything; known are build, demo, test/);
});

const { owner, wrapper } = asUnprivileged();

test('without root it names what is missing and the command', { skip: owner === null ? false : 'nobody may not enter here' }, (t) => {
  // All that is looked for in PATH is missing; what is looked for as a file, headers for instance, is there or not.
  const path = tempDir(t);
  for (const name of ['sh', 'dirname', 'env']) symlinkSync(`/usr/bin/${name}`, join(path, name));
  symlinkSync(process.execPath, join(path, 'node'));
  const absolute = wrapper.length === 0 ? [] : ['/usr/bin/unshare', ...wrapper.slice(1)];
  const result = setup('test', { wrapper: absolute, path });
  assert.equal(result.status, 1, 'nothing can be built without a compiler');
  const list =
    'g\\+\\+ make python3 pkg-config .*openjdk-17-jre-headless maven .*kcat openssl krb5-user faketime zstd procps systemd prometheus chromium';
  assert.match(result.stderr, new RegExp(`^setup: these system packages are missing: ${list}\n`));
  assert.match(result.stderr, new RegExp(`\nInstall them once: {2}sudo apt-get install --no-install-recommends ${list}\n`));
});
