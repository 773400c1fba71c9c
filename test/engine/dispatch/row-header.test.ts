import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OldImage, Operation } from '../../../engine/change/operation.ts';
import { writeHead } from '../../../engine/dispatch/row-header.ts';
import { NO_KEY, RECORD_KIND, RECORD_LENGTH, RecordKind, Row, RowFlag, ROW_HEADER_BYTES } from '../../../engine/ring/layout.ts';
import { schema } from './dispatching.ts';

const TOPIC = { name: 't', index: 2, partitions: 8, targetBase: 100, maxMessageBytes: 1000 };
const SCHEMA = { ...schema(20, ['id'], [0]), tableId: 21 };
const PLACE = {
  epoch: { slot: 5, rows: 6 },
  flags: RowFlag.noXid,
  xidHigh: 7,
  xid: 8,
  commitMicrosHigh: 9,
  commitMicrosLow: 10,
  xoffset: 11,
  threadId: 12,
};

test('every field of a header is written, wherever it lies', () => {
  const words = new Int32Array(32).fill(-7);
  writeHead(words, 16, 200, Operation.delete, OldImage.full, SCHEMA, PLACE, 22, 23, TOPIC, 3, -1, 24, 25);
  const word = (field: number) => words[(16 + field) >> 2];
  assert.deepEqual(
    [...words.slice(0, 4), ...words.slice((16 + ROW_HEADER_BYTES) >> 2)].filter((each) => each !== -7),
    [],
  );
  assert.equal(word(RECORD_LENGTH), 200);
  assert.equal(word(RECORD_KIND), RecordKind.row | (Operation.delete << 8) | (OldImage.full << 16) | (RowFlag.noXid << 24));
  const fields = [Row.schemaId, Row.epochAndTable, Row.rowInEpoch, Row.xidHigh, Row.xid, Row.commitMicrosHigh, Row.commitMicrosLow];
  assert.deepEqual(fields.map(word), [20, (5 << 16) | 21, 6, 7, 8, 9, 10]);
  const others = [Row.xoffset, Row.lsnHigh, Row.lsnLow, Row.topic, Row.partition, Row.target, Row.sizeLimit, Row.oldLength, Row.newLength];
  assert.deepEqual(others.map(word), [11, 22, 23, 2, 3, 103, 1000, 24, 25]);
  assert.equal(word(Row.keyLength)! >>> 0, NO_KEY);
});
