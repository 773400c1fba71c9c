import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { COPIES, loadCopies, readCheckpoint, setAside } from '../../../engine/checkpoint/copies.ts';
import { encodeRecord, RECORD_BYTES_MAX, type CheckpointRecord } from '../../../engine/checkpoint/record.ts';
import { tempDir } from '../../support/temp.ts';
import { sampleRecord } from './sample.ts';

type Copy = Partial<CheckpointRecord> | 'garbage' | null;

/** A directory with these two copies. */
function withCopies(t: TestContext, ...copies: [Copy, Copy]): string {
  const directory = join(tempDir(t), 'shop');
  mkdirSync(directory);
  for (const [index, copy] of copies.entries()) {
    if (copy === null) continue;
    writeFileSync(join(directory, COPIES[index]!), copy === 'garbage' ? copy : encodeRecord(sampleRecord('0/1', copy)));
  }
  return directory;
}

test('the newest owner counts, then its latest store, wherever it lies', async (t) => {
  const cases: [Copy, Copy, [generation: number, sequence: number]][] = [
    [{ generation: 2, sequence: 9 }, { generation: 3, sequence: 1 }, [3, 1]],
    [{ generation: 3, sequence: 1 }, { generation: 2, sequence: 9 }, [3, 1]],
    [{ generation: 2, sequence: 9 }, { generation: 2, sequence: 10 }, [2, 10]],
    [{ generation: 2, sequence: 10 }, null, [2, 10]],
    [null, { generation: 2, sequence: 10 }, [2, 10]],
    ['garbage', { generation: 2, sequence: 10 }, [2, 10]],
  ];
  for (const [first, second, expected] of cases) {
    const { record } = await loadCopies(withCopies(t, first, second), 'shop');
    assert.deepEqual([record?.generation, record?.sequence], expected);
  }
});

test('damaged copies are named', async (t) => {
  assert.deepEqual((await loadCopies(withCopies(t, 'garbage', {}), 'shop')).damaged, ['checkpoint']);
  assert.deepEqual((await loadCopies(withCopies(t, {}, 'garbage'), 'shop')).damaged, ['checkpoint.mirror']);
  assert.deepEqual((await loadCopies(withCopies(t, {}, {}), 'shop')).damaged, []);
});

test('nothing stored is no error, nothing readable is one', async (t) => {
  assert.deepEqual(await loadCopies(withCopies(t, null, null), 'shop'), { record: null, damaged: [] });
  assert.deepEqual(await readCheckpoint(tempDir(t), 'shop'), { record: null, damaged: [] });
  const unreadable: [Copy, Copy][] = [
    ['garbage', null],
    [null, 'garbage'],
    ['garbage', 'garbage'],
  ];
  for (const copies of unreadable) {
    await assert.rejects(loadCopies(withCopies(t, ...copies), 'shop'), {
      code: 'STATE_CORRUPT',
      message: /^No copy of the checkpoint in .* can be trusted\./,
    });
  }
});

test('a file far too large is not read', async (t) => {
  const directory = withCopies(t, {}, null);
  truncateSync(join(directory, 'checkpoint'), RECORD_BYTES_MAX + 1);
  await assert.rejects(loadCopies(directory, 'shop'), {
    code: 'STATE_CORRUPT',
    message: new RegExp(`it has ${RECORD_BYTES_MAX + 1} bytes`),
  });
});

test('what is no file is an error of the file system', async (t) => {
  const directory = withCopies(t, null, null);
  mkdirSync(join(directory, 'checkpoint'));
  await assert.rejects(loadCopies(directory, 'shop'), { code: 'STATE_IO', message: /the file system answered EISDIR/ });
});

test('copies are set aside over older ones; a missing one is none', async (t) => {
  const directory = withCopies(t, 'garbage', null);
  writeFileSync(join(directory, 'checkpoint.damaged'), 'older');
  await setAside(directory, COPIES);
  assert.equal(readFileSync(join(directory, 'checkpoint.damaged'), 'utf8'), 'garbage');
  assert.equal(existsSync(join(directory, 'checkpoint')), false);
});
