import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readCheckpoint } from '../../../engine/checkpoint/copies.ts';
import { openFileStore, type FileStoreOptions } from '../../../engine/checkpoint/file-store.ts';
import { decodeRecord } from '../../../engine/checkpoint/record.ts';
import type { CheckpointStore } from '../../../engine/checkpoint/store.ts';
import { lockFile } from '../../../native-bridge/index.ts';
import { run } from '../../support/run.ts';
import { tempDir } from '../../support/temp.ts';
import { until } from '../../support/wait.ts';
import { sampleContent } from './sample.ts';
import { lsnOf } from '../../support/lsn-of.ts';

const CHILD = join(import.meta.dirname, 'file-store.child.js');

function storeOptions(root: string, fields: Partial<FileStoreOptions> = {}): FileStoreOptions {
  return { root, changefeed: 'shop', lock: lockFile, now: () => Date.UTC(2026, 2, 1), ...fields };
}

async function stored(root: string, ...lsns: string[]): Promise<void> {
  const store = await openFileStore(storeOptions(root));
  for (const lsn of lsns) await store.store(sampleContent(lsn));
  await store.close();
}

function storedLsn(store: Pick<CheckpointStore, 'loaded'>): string | undefined {
  return lsnOf(store.loaded?.position);
}

test('what was stored is loaded by the next owner, whose number is one higher', async (t) => {
  const root = join(tempDir(t), 'state');
  const options = storeOptions(root);
  const first = await openFileStore(options);
  assert.equal(first.loaded, null);
  assert.equal(first.generation, 1);
  await first.store(sampleContent('0/10'));
  await first.close();
  const second = await openFileStore(options);
  assert.deepEqual(second.loaded, {
    changefeed: 'shop',
    generation: 1,
    sequence: 1,
    writtenAt: '2026-03-01T00:00:00.000Z',
    ...sampleContent('0/10'),
  });
  assert.equal(second.generation, 2);
  assert.deepEqual(second.warnings, []);
  await second.close();
  assert.equal((await readCheckpoint(root, 'shop')).record?.generation, 2, 'an owner shows itself before its first store');
  assert.deepEqual(readdirSync(join(root, 'shop')).toSorted(), ['checkpoint', 'checkpoint.mirror', 'lock']);
});

test('calls during a write become one write of the latest content', async (t) => {
  const root = tempDir(t);
  const store = await openFileStore(storeOptions(root));
  const calls = Array.from({ length: 1000 }, (_, i) => store.store(sampleContent(`0/${(i + 1).toString(16).toUpperCase()}`)));
  await Promise.all(calls);
  const { record } = await readCheckpoint(root, 'shop');
  assert.ok(record !== null);
  assert.equal(lsnOf(record.position), '0/3E8');
  assert.ok(record.sequence <= 2, `${record.sequence} writes`);
  await store.close();
});

test('a store is over when both copies are written', async (t) => {
  const root = tempDir(t);
  const store = await openFileStore(storeOptions(root));
  await store.store(sampleContent('0/1'));
  for (const name of ['checkpoint', 'checkpoint.mirror']) {
    const record = decodeRecord(readFileSync(join(root, 'shop', name)), name);
    assert.equal(lsnOf(record.position), '0/1', name);
  }
  await store.close();
});

for (const [damaged, other] of [['checkpoint', 'checkpoint.mirror'] as const, ['checkpoint.mirror', 'checkpoint'] as const]) {
  test(`a damaged ${damaged} is replaced from ${other}, loudly`, async (t) => {
    const root = tempDir(t);
    await stored(root, '0/1', '0/2');
    writeFileSync(join(root, 'shop', damaged), 'garbage');
    const store = await openFileStore(storeOptions(root));
    assert.equal(storedLsn(store), '0/2');
    assert.equal(store.warnings.length, 1);
    assert.match(store.warnings[0]!.message, new RegExp(`shop/${damaged} was damaged`));
    await store.close();
    assert.equal(readFileSync(join(root, 'shop', `${damaged}.damaged`), 'utf8'), 'garbage');
    const next = await openFileStore(storeOptions(root));
    assert.deepEqual([storedLsn(next), next.warnings], ['0/2', []]);
    await next.close();
  });
}

test('after a crash between the two copies the newer one counts', async (t) => {
  const root = tempDir(t);
  const mirror = join(root, 'shop', 'checkpoint.mirror');
  await stored(root, '0/1');
  const old = readFileSync(mirror);
  await stored(root, '0/2');
  writeFileSync(mirror, old);
  const store = await openFileStore(storeOptions(root));
  assert.equal(storedLsn(store), '0/2');
  await store.close();
  rmSync(mirror);
  assert.equal((await readCheckpoint(root, 'shop')).record?.generation, 3, 'a first store that was cut short leaves one copy');
});

test('two damaged copies are an error that says what to do, and stay', async (t) => {
  const root = tempDir(t);
  await stored(root, '0/1');
  const names = ['checkpoint', 'checkpoint.mirror'];
  for (const name of names) writeFileSync(join(root, 'shop', name), '');
  await assert.rejects(openFileStore(storeOptions(root)), { code: 'STATE_CORRUPT', message: /position reset/ });
  for (const name of names) assert.equal(readFileSync(join(root, 'shop', name), 'utf8'), '');
  rmSync(join(root, 'shop', 'checkpoint'));
  await assert.rejects(openFileStore(storeOptions(root)), { code: 'STATE_CORRUPT' }, 'one damaged and one missing');
});

test("another changefeed's checkpoint is refused", async (t) => {
  const root = tempDir(t);
  await stored(root, '0/1');
  await run('cp', ['-r', join(root, 'shop'), join(root, 'stock')]);
  await assert.rejects(openFileStore(storeOptions(root, { changefeed: 'stock' })), {
    code: 'STATE_FOREIGN',
    message: /"shop", not of "stock"/,
  });
});

test('one owner at a time; the refusal names the other', async (t) => {
  const options = storeOptions(tempDir(t));
  const first = await openFileStore(options);
  await assert.rejects(openFileStore(options), { code: 'STATE_LOCKED', message: new RegExp(`pid ${process.pid}\\.`) });
  await first.close();
  await (await openFileStore(options)).close();
});

test('an error while opening gives the lock back', async (t) => {
  const root = tempDir(t);
  const options = storeOptions(root);
  await stored(root, '0/1');
  rmSync(join(root, 'shop', 'checkpoint.mirror'));
  writeFileSync(join(root, 'shop', 'checkpoint'), '');
  for (let i = 0; i < 2; i++) await assert.rejects(openFileStore(options), { code: 'STATE_CORRUPT' });
});

test('a state directory is made, but not the directories above it', async (t) => {
  const root = tempDir(t);
  const missing = join(root, 'volume', 'state');
  await assert.rejects(openFileStore(storeOptions(missing)), {
    code: 'STATE_DIRECTORY_MISSING',
    message: `${missing} cannot be created: a directory on the way to it does not exist (ENOENT). Create it, or mount its volume.`,
  });
  assert.equal(existsSync(join(root, 'volume')), false);
});

test('a directory that vanishes under a running store fails the store, and the next one after it is back succeeds', async (t) => {
  const root = tempDir(t);
  const store = await openFileStore(storeOptions(root));
  await store.store(sampleContent('0/1'));
  rmSync(join(root, 'shop'), { recursive: true });
  await assert.rejects(store.store(sampleContent('0/2')), { code: 'STATE_DIRECTORY_MISSING' });
  mkdirSync(join(root, 'shop'));
  await store.store(sampleContent('0/3'));
  await store.close();
  assert.equal(lsnOf((await readCheckpoint(root, 'shop')).record?.position), '0/3');
});

test('a directory of another user is refused with both users named', async (t) => {
  const root = tempDir(t);
  await stored(root, '0/1');
  const isRoot = process.getuid?.() === 0;
  if (isRoot) {
    chmodSync(root, 0o755);
    process.seteuid?.(65_534);
  } else {
    chmodSync(join(root, 'shop'), 0o500);
  }
  try {
    await assert.rejects(openFileStore(storeOptions(root)), {
      code: 'STATE_PERMISSION',
      message: /belongs to uid \d+, mode \d+, and Millrace runs as uid \d+/,
    });
  } finally {
    if (isRoot) process.seteuid?.(0);
    chmodSync(join(root, 'shop'), 0o700);
  }
});

/** Runs the child over a file system of its own, 64 kB large and private to it; false where mounting is not allowed. */
async function onSmallDisk(root: string, script: string): Promise<string> {
  const mount = `mount -t tmpfs -o size=64k tmpfs ${root} && ${script}`;
  return await run('unshare', ['--user', '--map-root-user', '--mount', 'sh', '-c', mount]);
}

async function canMount(root: string): Promise<boolean> {
  return await onSmallDisk(root, 'true').then(
    () => true,
    () => false,
  );
}

test('a full disk fails the store, leaves the old one intact, and passes', async (t) => {
  const root = tempDir(t);
  if (!(await canMount(root))) return t.skip('mounting in a user namespace is not allowed here');
  const node = `${process.execPath} ${CHILD} ${root}`;
  const fill = `head -c 200000 /dev/zero > ${root}/filler 2>/dev/null`;
  const output = await onSmallDisk(root, `${node} 2; ${fill}; ${node} 1; rm ${root}/filler; ${node} 1`);
  const lines = output.trimEnd().split('\n');
  assert.deepEqual(lines.slice(0, 3), ['open 1', '1/1', '1/2']);
  assert.match(lines[3]!, /^STATE_DISK_FULL .*no room is left \(ENOSPC\)\. The stored checkpoint is intact/);
  assert.deepEqual(lines.slice(4), ['open 2', '2/1']);
});

test('a file system that turned read-only is named', async (t) => {
  const root = tempDir(t);
  if (!(await canMount(root))) return t.skip('mounting in a user namespace is not allowed here');
  const node = `${process.execPath} ${CHILD} ${root}`;
  const output = await onSmallDisk(root, `${node} 1; mount -o remount,ro ${root}; ${node} 1`);
  assert.match(output, /STATE_PERMISSION .* the file system is read-only\. Mount it writable\.\n$/);
});

test('kill -9 at any moment: what was durable is there', async (t) => {
  const root = tempDir(t);
  for (let kill = 1; kill <= 8; kill++) {
    const child = spawn(process.execPath, [CHILD, root, '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
    t.after(() => child.kill('SIGKILL'));
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const closed = new Promise((resolve) => child.once('close', resolve));
    await until(() => output.split('\n').length > 3 + kill * 5, { what: 'some stores' });
    child.kill('SIGKILL');
    await closed;
    const durable = output.slice(0, output.lastIndexOf('\n')).split('\n').at(-1)!;
    const { record, damaged } = await readCheckpoint(root, 'shop');
    assert.deepEqual(damaged, []);
    assert.equal(record?.generation, kill);
    const [generation, count] = lsnOf(record.position)!.split('/');
    assert.equal(generation, kill.toString(16).toUpperCase());
    assert.ok(Number.parseInt(count!, 16) >= Number.parseInt(durable.split('/')[1]!, 16), `${lsnOf(record.position)} is behind ${durable}`);
  }
});

test('a second process is refused until the first is killed', async (t) => {
  const root = tempDir(t);
  const child = spawn(process.execPath, [CHILD, root, '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const closed = new Promise((resolve) => child.once('close', resolve));
  await until(() => output.includes('\n1/'), { what: 'a store' });
  await assert.rejects(openFileStore(storeOptions(root)), { code: 'STATE_LOCKED', message: new RegExp(`pid ${child.pid}\\.`) });
  child.kill('SIGKILL');
  await closed;
  const store = await openFileStore(storeOptions(root));
  assert.equal(store.generation, 2);
  await store.close();
});
