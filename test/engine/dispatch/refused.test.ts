import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByteView } from '../../../engine/base/byte-view.ts';
import { MillraceError } from '../../../engine/base/errors.ts';
import { LETTER_HEAD_BYTES } from '../../../engine/change/dead-letter.ts';
import { OldImage, Operation } from '../../../engine/change/operation.ts';
import type { RefusedRow } from '../../../engine/change/row-sink.ts';
import { headOf, placeOf, recordLength, refusedText } from '../../../engine/dispatch/refused.ts';
import { RowView } from '../../../engine/dispatch/row-view.ts';
import { rowImage } from '../../support/rows.ts';
import { Bench, letterRoute, PARTITIONS, schema } from './dispatching.ts';

const TRANSACTION = { xidHigh: 0, xid: 7, xoffset: 0, threadId: 0 };
const plan = new Bench(1, 65_536).plan(schema(1, ['id', 'v'], [0]), letterRoute(3));

function refused(values: readonly (string | Uint8Array)[], more: Partial<RefusedRow> = {}): RefusedRow {
  const bytes = rowImage(values);
  const error = new MillraceError('TEXT_NOT_UTF8', 'no text', { key: 'id 7' });
  const place = { oldStart: 0, oldEnd: 0, newStart: 0, newEnd: bytes.length, lsnHigh: 0, lsnLow: 5, cutFrom: null };
  return { error, operation: Operation.insert, schemaId: 1, bytes, oldImage: OldImage.none, ...place, ...more };
}

const place = (row: RefusedRow) => placeOf(row, plan, new RowView(65_536), new ByteView(new Uint8Array(65_536)), TRANSACTION);

test('a row whose key can be written has its place beside the rows of its key', () => {
  const { keyLength, partition, target } = place(refused(['a', 'v']));
  assert.equal(keyLength, '{"id":"a"}'.length);
  assert.ok(partition >= 0 && partition < PARTITIONS && target === partition);
});

test('any other has none, and goes by a partition of the topic of dead letters', () => {
  const long = place(refused(['x'.repeat(70_000), 'v']));
  const wrong = place(refused([Uint8Array.of(0xe9), 'v']));
  const cut = place(refused(['a', 'v'], { cutFrom: 1_000_000 }));
  for (const { keyLength, partition, target } of [long, wrong, cut]) {
    assert.deepEqual([keyLength, partition], [-1, -1]);
    assert.ok(target >= PARTITIONS && target < PARTITIONS + 3);
  }
});

test('what no record has room for is cut to its beginning', () => {
  const row = refused(['a', 'x'.repeat(200_000)]);
  const head = headOf(row);
  assert.deepEqual([head.newStart, head.newEnd, head.cutFrom], [0, LETTER_HEAD_BYTES, row.bytes.length]);
  assert.ok(recordLength(head, 10, refusedText(head)) < LETTER_HEAD_BYTES + 1000);
  assert.equal(recordLength(row, -1, Buffer.alloc(0)) % 8, 0);
});

test('the reason crosses with the key that the source found', () => {
  assert.deepEqual(JSON.parse(refusedText(refused(['a', 'v'])).toString()), {
    code: 'TEXT_NOT_UTF8',
    message: 'no text',
    key: 'id 7',
    cutFrom: null,
  });
});
