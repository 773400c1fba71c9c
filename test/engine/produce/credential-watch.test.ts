import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { CredentialWatch } from '../../../engine/produce/credential-watch.ts';
import { tempDir } from '../../support/temp.ts';

class Watched {
  readonly key: string;
  readonly certificate: string;
  readonly applied: (readonly string[])[] = [];
  readonly watch: CredentialWatch;
  nowMs = 0;
  failures = 0;

  constructor(t: TestContext) {
    const directory = tempDir(t);
    this.key = join(directory, 'key');
    this.certificate = join(directory, 'certificate');
    for (const file of [this.key, this.certificate]) writeFileSync(file, 'first');
    this.watch = new CredentialWatch({
      files: [this.key, this.certificate],
      now: () => this.nowMs,
      apply: async (changed) => {
        this.applied.push(changed);
        if (this.failures-- > 0) throw new Error('not yet');
      },
    });
  }

  async looks(count: number): Promise<number> {
    for (let i = 0; i < count; i++) await this.watch.look();
    return this.applied.length;
  }
}

test('what stays is left alone', async (t) => {
  const watched = new Watched(t);
  assert.equal(await watched.looks(3), 0);
  writeFileSync(watched.key, 'first');
  assert.equal(await watched.looks(3), 0, 'written anew, the same');
});

test('what has changed is taken once, when it has stayed for a look', async (t) => {
  const watched = new Watched(t);
  await watched.looks(2);
  writeFileSync(watched.key, 'second');
  assert.equal(await watched.looks(1), 0);
  writeFileSync(watched.certificate, 'second');
  assert.equal(await watched.looks(1), 0, 'it still changes');
  assert.equal(await watched.looks(3), 1);
  assert.deepEqual(watched.applied, [[watched.key, watched.certificate]]);
});

test('a file that is gone for a moment is waited for', async (t) => {
  const watched = new Watched(t);
  await watched.looks(2);
  rmSync(watched.key);
  assert.equal(await watched.looks(3), 0);
  writeFileSync(watched.key, 'second');
  assert.equal(await watched.looks(2), 1);
});

test('a link that points elsewhere is a change', async (t) => {
  const directory = tempDir(t);
  for (const version of ['1', '2']) {
    mkdirSync(join(directory, version));
    writeFileSync(join(directory, version, 'password'), version);
  }
  symlinkSync('1', join(directory, 'data'));
  let applied = 0;
  const apply = async () => {
    applied += 1;
  };
  const watch = new CredentialWatch({ files: [join(directory, 'data/password')], now: () => 0, apply });
  await watch.look();
  symlinkSync('2', join(directory, 'data.new'));
  renameSync(join(directory, 'data.new'), join(directory, 'data'));
  for (let i = 0; i < 3; i++) await watch.look();
  assert.equal(applied, 1);
});

test('what could not be used is tried again after a pause, and at once when it changes again', async (t) => {
  const watched = new Watched(t);
  await watched.looks(2);
  watched.failures = 2;
  writeFileSync(watched.key, 'second');
  assert.equal(await watched.looks(5), 1);
  watched.nowMs = 60_000;
  assert.equal(await watched.looks(5), 2);
  writeFileSync(watched.key, 'third');
  assert.equal(await watched.looks(5), 3);
  assert.equal(await watched.looks(5), 3);
});
