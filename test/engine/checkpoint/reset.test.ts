import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readCheckpoint } from '../../../engine/checkpoint/copies.ts';
import { openFileStore, type FileStoreOptions } from '../../../engine/checkpoint/file-store.ts';
import { resetCheckpoint } from '../../../engine/checkpoint/reset.ts';
import { lockFile } from '../../../native-bridge/index.ts';
import { tempDir } from '../../support/temp.ts';
import { sampleBinlog, sampleContent } from './sample.ts';
import { lsnOf } from '../../support/lsn-of.ts';

const ANY_SERVER = { systemIdentifier: null, timeline: null, snapshotLsn: null, database: null, publicationOid: null };

const NAMES = { kind: null, slot: 's', publication: 'p' };

function optionsIn(root: string): FileStoreOptions {
  return { root, changefeed: 'shop', lock: lockFile, now: Date.now };
}

test('a reset gives up position and binding, and keeps the counters', async (t) => {
  const root = tempDir(t);
  const store = await openFileStore(optionsIn(root));
  await store.store(sampleContent('0/1'));
  await store.close();
  const before = await resetCheckpoint(optionsIn(root), { kind: null, slot: 'other_slot', publication: 'other_publication' });
  assert.equal(lsnOf(before?.position), '0/1');
  const { record } = await readCheckpoint(root, 'shop');
  assert.equal(record?.position, null);
  assert.deepEqual(record.source, {
    kind: 'postgres',
    slot: 'other_slot',
    claim: 'intent',
    publication: 'other_publication',
    ...ANY_SERVER,
  });
  assert.equal(record.rowsDelivered, '9007199254740993');
  assert.equal(record.schemaVersion, 3);
  assert.equal(record.generation, 2);
});

test('a reset is the way out of a checkpoint that cannot be read', async (t) => {
  const root = tempDir(t);
  const store = await openFileStore(optionsIn(root));
  await store.store(sampleContent('0/1'));
  await store.close();
  for (const name of ['checkpoint', 'checkpoint.mirror']) writeFileSync(join(root, 'shop', name), 'garbage');
  assert.equal(await resetCheckpoint(optionsIn(root), NAMES), null);
  const { record } = await readCheckpoint(root, 'shop');
  assert.deepEqual([record?.position, record?.rowsDelivered], [null, '0']);
  assert.deepEqual(record?.source, { ...NAMES, kind: 'postgres', claim: 'intent', ...ANY_SERVER });
  assert.equal(readFileSync(join(root, 'shop', 'checkpoint.damaged'), 'utf8'), 'garbage');
});

test('without a URL that says otherwise it stays what it was; with one it becomes what that says', async (t) => {
  const root = tempDir(t);
  const binlog = sampleBinlog();
  const store = await openFileStore(optionsIn(root));
  await store.store(binlog);
  await store.close();
  assert.deepEqual((await resetCheckpoint(optionsIn(root), NAMES))?.position, binlog.position);
  const any = { kind: 'binlog', flavor: null, serverUuid: null, serverId: null };
  assert.deepEqual((await readCheckpoint(root, 'shop')).record?.source, any);
  await resetCheckpoint(optionsIn(root), { ...NAMES, kind: 'postgres' });
  assert.equal((await readCheckpoint(root, 'shop')).record?.source.kind, 'postgres');
});

test('a running changefeed is not reset', async (t) => {
  const options = optionsIn(tempDir(t));
  const store = await openFileStore(options);
  await store.store(sampleContent('0/1'));
  await assert.rejects(resetCheckpoint(options, NAMES), { code: 'STATE_LOCKED' });
  await store.close();
  assert.equal(lsnOf((await resetCheckpoint(options, NAMES))?.position), '0/1');
});
