import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { Fields } from '../../../../../engine/source/mysql/binlog/fields.ts';
import { PayloadReader } from '../../../../../engine/source/mysql/binlog/payload.ts';
import { LogWriter } from '../../../../support/binlog-events.ts';

const EVENTS = Array.from({ length: 40 }, (_, index) => new LogWriter(false).event(29, Buffer.alloc(index * 3000, index)).bytes);

function bodyOf(compression: number, data: Uint8Array): Fields {
  const body = Buffer.concat([
    Buffer.from([2, compression === 255 ? 3 : 1, ...(compression === 255 ? [0xfc, 0xff, 0] : [0]), 3, 1, 9, 0]),
    data,
  ]);
  return new Fields(body, 0, body.length, 'a TRANSACTION_PAYLOAD event');
}

function read(fields: Fields, max = 1_000_000): Buffer[] {
  const found: Buffer[] = [];
  const reader = new PayloadReader(max);
  try {
    reader.read(fields, (bytes, start, end) => found.push(Buffer.from(bytes.slice(start, end))));
  } finally {
    reader.close();
  }
  return found;
}

function zstd(data: Uint8Array): Buffer {
  return execFileSync('zstd', ['-q', '-c'], { input: data, maxBuffer: 100_000_000 });
}

const hasZstd = ((): boolean => {
  try {
    zstd(Buffer.from('x'));
    return true;
  } catch {
    return false;
  }
})();

test('the events of a payload that is not compressed', () => {
  assert.deepEqual(read(bodyOf(255, Buffer.concat(EVENTS))), EVENTS);
});

test('the events of a zstd payload, chunk by chunk', { skip: hasZstd ? false : 'no zstd command here' }, () => {
  assert.deepEqual(read(bodyOf(0, zstd(Buffer.concat(EVENTS)))), EVENTS);
});

test('a payload that is cut short, holds a hostile length or is compressed otherwise is a named error', () => {
  const whole = Buffer.concat(EVENTS);
  assert.throws(() => read(bodyOf(255, whole.subarray(0, whole.length - 1))), { code: 'BINLOG_EVENT_INVALID' });
  const hostile = Buffer.from(EVENTS[3]!);
  hostile.writeUInt32LE(0xffff_fff0, 9);
  assert.throws(() => read(bodyOf(255, hostile)), { code: 'BINLOG_EVENT_INVALID', message: /4294967280 bytes/ });
  hostile.writeUInt32LE(3, 9);
  assert.throws(() => read(bodyOf(255, hostile)), { code: 'BINLOG_EVENT_INVALID' });
  assert.throws(() => read(new Fields(Buffer.from([2, 1, 7, 0]), 0, 4, 'x')), { code: 'BINLOG_EVENT_INVALID', message: /unknown way/ });
  assert.throws(() => read(bodyOf(0, Buffer.from('no zstd'))), { code: 'COMPRESSED_DATA_INVALID' });
});
