import assert from 'node:assert/strict';
import test from 'node:test';
import { ColumnType } from '../../../../../engine/source/mysql/binlog/column-types.ts';
import type { LogColumn } from '../../../../../engine/source/mysql/rows/layout.ts';
import { binlogSchema, decodeRow } from '../../../../support/binlog-layout.ts';

function decode(meaning: LogColumn['meaning'], hex: string): string {
  const value = Buffer.from(hex, 'hex');
  const metadata = meaning === 'inet4' ? 4 : 16;
  const schema = binlogSchema([{ type: ColumnType.string, metadata, charset: 'binary', meaning }]);
  return String(decodeRow(schema, Buffer.concat([Buffer.of(0, value.length), value]))[0]);
}

test('INET4; zeros that end a value are not in the log', () => {
  assert.deepEqual(
    ['', '0a', 'c0a80114', 'ffffffff'].map((hex) => decode('inet4', hex)),
    ['0.0.0.0', '10.0.0.0', '192.168.1.20', '255.255.255.255'],
  );
});

test('INET6 as MariaDB shows it', () => {
  const addresses: readonly [string, string][] = [
    ['', '::'],
    ['00000000000000000000000000000001', '::1'],
    ['0001', '1::'],
    ['fe80', 'fe80::'],
    ['00000000000000000000ffffc0a80001', '::ffff:192.168.0.1'],
    ['000000000000000000000000c0a80001', '::192.168.0.1'],
    ['20010db8000000000000ff0000428329', '2001:db8::ff00:42:8329'],
    // A single zero is left out too, and of two runs of the same length the first.
    ['00010000000200030004000500060007', '1::2:3:4:5:6:7'],
    ['00010000000000020000000000030004', '1::2:0:0:3:4'],
  ];
  for (const [hex, text] of addresses) assert.equal(decode('inet6', hex), text);
});

test('UUID in the order in which it is read', () => {
  assert.equal(decode('uuid', '123e4567e89b12d3a456426655440000'), '123e4567-e89b-12d3-a456-426655440000');
  assert.equal(decode('uuid', ''), '00000000-0000-0000-0000-000000000000');
});
