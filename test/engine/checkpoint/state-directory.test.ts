import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createStateDirectory, lockState, stateDirectory, stateError } from '../../../engine/checkpoint/state-directory.ts';
import { lockFile } from '../../../native-bridge/index.ts';
import { tempDir } from '../../support/temp.ts';

test("a changefeed's name never leads out of the state directory", () => {
  assert.equal(stateDirectory('/state', 'shop-1_b.c'), '/state/shop-1_b.c');
  for (const name of ['', '.', '..', '../x', 'a/b', '.hidden', 'a\0b', 'a'.repeat(129)]) {
    assert.throws(() => stateDirectory('/state', name), { code: 'INTERNAL' }, JSON.stringify(name));
  }
});

test('the directory is made for its owner alone, twice without complaint', async (t) => {
  const root = join(tempDir(t), 'state');
  assert.equal(await createStateDirectory(root, 'shop'), join(root, 'shop'));
  assert.equal(statSync(join(root, 'shop')).mode & 0o777, 0o700);
  await createStateDirectory(root, 'shop');
});

test('a file in the way is named', async (t) => {
  const root = join(tempDir(t), 'state');
  writeFileSync(root, '');
  await assert.rejects(createStateDirectory(root, 'shop'), { code: 'STATE_DIRECTORY_MISSING', message: /state\/shop cannot be created/ });
});

test('a lock is given back, names its owner, and outlives a broken lock file', async (t) => {
  const directory = await createStateDirectory(tempDir(t), 'shop');
  const held = await lockState(directory, lockFile);
  assert.equal(readFileSync(join(directory, 'lock'), 'utf8'), `${process.pid}\n`);
  writeFileSync(join(directory, 'lock'), 'not a number');
  await assert.rejects(lockState(directory, lockFile), { code: 'STATE_LOCKED', message: `${directory} is owned by another process.` });
  held.unlock();
  (await lockState(directory, lockFile)).unlock();
});

test('each failure of a file system has its name and its remedy', async () => {
  const about = async (code: string) => {
    const { code: name, message } = await stateError(Object.assign(new Error(code), { code }), '/no/such/place', 'written');
    return `${name}: ${message}`;
  };
  assert.equal(existsSync('/no'), false);
  const start = '/no/such/place cannot be written:';
  for (const code of ['ENOSPC', 'EDQUOT']) {
    assert.equal(
      await about(code),
      `STATE_DISK_FULL: ${start} no room is left (${code}). The stored checkpoint is intact; free space there.`,
    );
  }
  assert.equal(await about('EROFS'), `STATE_PERMISSION: ${start} the file system is read-only. Mount it writable.`);
  assert.match(await about('EACCES'), /^STATE_PERMISSION: .* Millrace runs as uid \d+, which may not look there \(EACCES\)\.$/);
  assert.match(await about('ENOENT'), /^STATE_DIRECTORY_MISSING: .* Create it, or mount its volume\.$/);
  assert.equal(await about('EIO'), `STATE_IO: ${start} the file system answered EIO.`);
  assert.match((await stateError('odd', '/x', 'read')).message, /answered UNKNOWN/);
});
