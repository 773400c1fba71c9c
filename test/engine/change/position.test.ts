import assert from 'node:assert/strict';
import { test } from 'node:test';
import { positionText, rowPositionText } from '../../../engine/change/position.ts';

test('a position reads as its LSN, one for each connection', () => {
  const part = (lsn: string) => ({ connection: 's', lsn });
  assert.equal(positionText({ kind: 'postgres', parts: [part('0/1A2B3C4')] }), '0/1A2B3C4');
  assert.equal(positionText({ kind: 'postgres', parts: [part('0/1'), part('F/2')] }), '0/1 F/2');
});

test('one of a binlog reads as its GTIDs and its place, as far as they are known', () => {
  const text = (gtid: string, file: string, offset: number) =>
    positionText({ kind: 'binlog', parts: [{ connection: 'binlog', flavor: 'mysql', gtid, file, offset }] });
  assert.equal(text('0-1-5', 'log.000007', 120), '0-1-5 log.000007:120');
  assert.equal(text('', 'log.000007', 120), 'log.000007:120');
  assert.equal(text('0-1-5', '', 0), '0-1-5');
});

test('a row lies at an LSN, or in a file', () => {
  assert.equal(rowPositionText(null, 0x16, 0xb374d848 | 0), '16/B374D848');
  assert.equal(rowPositionText('mysql-bin', 123 << 8, 4567), 'mysql-bin.000123:4567');
  assert.equal(rowPositionText('mysql-bin', (0xff_ffff << 8) | 0xff, -1), 'mysql-bin.16777215:1099511627775');
});
