import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, readlinkSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { replaceFile, syncDirectory } from '../../../engine/checkpoint/atomic-file.ts';
import { tempDir } from '../../support/temp.ts';

test('a file is created, then replaced by another one, and nothing else is left', async (t) => {
  const directory = tempDir(t);
  await replaceFile(directory, 'f', Buffer.from('one, which is longer'));
  const first = statSync(join(directory, 'f')).ino;
  await replaceFile(directory, 'f', Buffer.from('two'));
  assert.equal(readFileSync(join(directory, 'f'), 'utf8'), 'two');
  assert.notEqual(statSync(join(directory, 'f')).ino, first, 'the old bytes are never written over');
  assert.equal(statSync(join(directory, 'f')).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(directory), ['f']);
});

test('what cannot be replaced stays, and the temporary file goes', async (t) => {
  const directory = tempDir(t);
  mkdirSync(join(directory, 'f'));
  writeFileSync(join(directory, 'f', 'inside'), '');
  await assert.rejects(replaceFile(directory, 'f', Buffer.from('two')), { code: 'EISDIR' });
  assert.deepEqual(readdirSync(directory), ['f']);
});

test('a temporary file that leads elsewhere is not written through', async (t) => {
  const directory = tempDir(t);
  const victim = join(tempDir(t), 'victim');
  writeFileSync(victim, 'precious');
  symlinkSync(victim, join(directory, 'f.tmp'));
  await assert.rejects(replaceFile(directory, 'f', Buffer.from('two')), { code: 'ELOOP' });
  assert.equal(readFileSync(victim, 'utf8'), 'precious');
  await replaceFile(directory, 'f', Buffer.from('three'));
  assert.equal(readFileSync(join(directory, 'f'), 'utf8'), 'three', 'and is out of the way then');
});

test('only a directory is synced as one', async (t) => {
  const file = join(tempDir(t), 'f');
  writeFileSync(file, '');
  await assert.rejects(syncDirectory(file), { code: 'ENOTDIR' });
});

test('what is replaced is flushed: the new bytes before they get the name, the directory after', async (t) => {
  const directory = tempDir(t);
  const file = join(directory, 'f');
  writeFileSync(file, 'one');
  const probe = await open(file);
  const handles = Object.getPrototypeOf(probe) as typeof probe;
  await probe.close();
  const flushed: string[] = [];
  t.mock.method(handles, 'sync', async function (this: typeof probe) {
    flushed.push(`${basename(readlinkSync(`/proc/self/fd/${this.fd}`))} while f is ${readFileSync(file, 'utf8')}`);
    await this.datasync();
  });
  await replaceFile(directory, 'f', Buffer.from('two'));
  assert.deepEqual(flushed, ['f.tmp while f is one', `${basename(directory)} while f is two`]);
});
