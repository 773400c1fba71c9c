import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fields } from '../../../../../engine/source/mysql/binlog/fields.ts';
import { formatGtid, parseMariadbGtid, parseMysqlGtid } from '../../../../../engine/source/mysql/binlog/gtid-event.ts';

function fieldsOf(hex: string): Fields {
  const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex');
  return new Fields(bytes, 0, bytes.length, 'a GTID event');
}

test("MariaDB's GTID has its server in the header", () => {
  const start = parseMariadbGtid(fieldsOf('0a00000000000000 05000000 0c 000000000000'), 3000);
  assert.equal(formatGtid(start.gtid!), '5-3000-10');
  assert.deepEqual([start.isStandalone, start.isXaPrepare, start.threadId], [false, false, 0]);
});

test('its flags tell single statements and prepared transactions', () => {
  assert.equal(parseMariadbGtid(fieldsOf('0100000000000000 00000000 29 000000000000'), 1).isStandalone, true);
  assert.equal(parseMariadbGtid(fieldsOf('0500000000000000 00000000 4c 07000000 02 02 67746271 01 ff'), 1).isXaPrepare, true);
});

test('the session that newer servers add is read behind whatever else is there', () => {
  assert.equal(parseMariadbGtid(fieldsOf('0100000000000000 00000000 0c 000000000000 10 2a000000'), 1).threadId, 42);
  assert.equal(parseMariadbGtid(fieldsOf('0100000000000000 00000000 0e 0100000000000000 15 00 0900000000000000 2a000000'), 1).threadId, 42);
});

test("MySQL's GTID has its own time of the commit", () => {
  const body = '01 00112233445566778899aabbccddeeff 0700000000000000 02 0000000000000000 0000000000000000 40420f00000080';
  const start = parseMysqlGtid(fieldsOf(body), false);
  assert.equal(formatGtid(start.gtid!), '00112233-4455-6677-8899-aabbccddeeff:7');
  assert.equal(start.commitMicros, 1_000_000);
  assert.equal(parseMysqlGtid(fieldsOf(body), true).gtid, null);
});

test('a body that is cut short is an error', () => {
  assert.throws(() => parseMariadbGtid(fieldsOf('0a000000000000'), 1), { code: 'BINLOG_EVENT_INVALID' });
  assert.throws(() => parseMysqlGtid(fieldsOf('01 0011'), false), { code: 'BINLOG_EVENT_INVALID' });
});
