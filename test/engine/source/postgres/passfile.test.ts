import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { findPassword } from '../../../../engine/source/postgres/passfile.ts';
import { tempDir } from '../../../support/temp.ts';

interface Asked {
  readonly host?: string;
  readonly port?: number;
  readonly database?: string;
  readonly replication?: boolean;
}

async function find(
  t: TestContext,
  lines: readonly string[],
  asked: Asked = {},
  mode = 0o600,
): Promise<{ found: string | null; warnings: string[] }> {
  const file = join(tempDir(t), 'pass');
  writeFileSync(file, lines.join('\n'));
  chmodSync(file, mode);
  const warnings: string[] = [];
  const server = { host: asked.host ?? 'db', port: asked.port ?? 5432 };
  const search = { file, server, database: asked.database ?? 'shop', user: 'ann', replication: asked.replication ?? false };
  return { found: await findPassword({ ...search, warn: (message) => warnings.push(message) }), warnings };
}

test('the first line that matches counts; stars match everything', async (t) => {
  const lines = [
    '# db:5432:shop:ann:no',
    '',
    'other:5432:shop:ann:no',
    'db:1:shop:ann:no',
    'db:5432:x:ann:no',
    'db:5432:shop:bob:no',
    'db:*:*:ann:yes',
    '*:*:*:*:late',
  ];
  assert.equal((await find(t, lines)).found, 'yes');
  assert.equal((await find(t, lines.slice(0, 6))).found, null);
});

test('colons and backslashes are escaped; short passwords and Windows line ends do no harm', async (t) => {
  assert.equal((await find(t, [String.raw`db:5432:shop:ann:a\:b\\c`])).found, String.raw`a:b\c`);
  assert.equal((await find(t, ['db:5432:shop:ann:x\r', ''])).found, 'x');
  assert.equal((await find(t, [String.raw`\:\:1:5432:shop:ann:six`], { host: '::1' })).found, 'six');
});

test('a replication connection matches its database, and `replication`', async (t) => {
  assert.equal((await find(t, ['db:5432:replication:ann:repl'], { replication: true })).found, 'repl');
  assert.equal((await find(t, ['db:5432:shop:ann:shop'], { replication: true })).found, 'shop');
  assert.equal((await find(t, ['db:5432:replication:ann:repl'])).found, null);
});

test('a Unix socket matches its directory, a standard one localhost too', async (t) => {
  assert.equal((await find(t, ['/srv/pg:5432:shop:ann:dir'], { host: '/srv/pg' })).found, 'dir');
  assert.equal((await find(t, ['localhost:5432:shop:ann:local'], { host: '/var/run/postgresql' })).found, 'local');
  assert.equal((await find(t, ['localhost:5432:shop:ann:local'], { host: '/srv/pg' })).found, null);
});

test('a file that others can read is not used, and says so', async (t) => {
  const { found, warnings } = await find(t, ['*:*:*:*:pw'], {}, 0o640);
  assert.equal(found, null);
  assert.match(warnings.join(), /chmod 0600/);
});

test('no file is no password', async () => {
  const search = { server: { host: 'db', port: 1 }, database: 'd', user: 'u', replication: false, warn: assert.fail };
  assert.equal(await findPassword({ file: '/nonexistent', ...search }), null);
  assert.equal(await findPassword({ file: '/', ...search }), null);
});
