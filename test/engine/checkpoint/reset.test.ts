import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readCheckpoint } from '../../../engine/checkpoint/copies.ts';
import { openFileStore, type FileStoreOptions } from '../../../engine/checkpoint/file-store.ts';
import { resetCheckpoint } from '../../../engine/checkpoint/reset.ts';
import { lockFile } from '../../../native-bridge/index.ts';
import { tempDir } from '../../support/temp.ts';
import { sampleContent } from './sample.ts';

const ANY_SERVER = { systemIdentifier: null, timeline: null, snapshotLsn: null, database: null, publicationOid: null };

function optionsIn(root: string): FileStoreOptions {
  return { root, changefeed: 'shop', lock: lockFile, now: Date.now };
}

test('a reset gives up position and binding, and keeps the counters', async (t) => {
  const root = tempDir(t);
  const store = await openFileStore(optionsIn(root));
  await store.store(sampleContent('0/1'));
  await store.close();
  const before = await resetCheckpoint(optionsIn(root), 'other_slot', 'other_publication');
  assert.equal(before?.position?.parts[0]?.lsn, '0/1');
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
  assert.equal(await resetCheckpoint(optionsIn(root), 's', 'p'), null);
  const { record } = await readCheckpoint(root, 'shop');
  assert.deepEqual([record?.position, record?.rowsDelivered, record?.source.slot], [null, '0', 's']);
  assert.equal(readFileSync(join(root, 'shop', 'checkpoint.damaged'), 'utf8'), 'garbage');
});

test('a running changefeed is not reset', async (t) => {
  const options = optionsIn(tempDir(t));
  const store = await openFileStore(options);
  await store.store(sampleContent('0/1'));
  await assert.rejects(resetCheckpoint(options, 's', 'p'), { code: 'STATE_LOCKED' });
  await store.close();
  assert.equal((await resetCheckpoint(options, 's', 'p'))?.position?.parts[0]?.lsn, '0/1');
});
