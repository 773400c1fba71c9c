import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DumpFlag, dumpCommand, dumpGtidCommand, registerCommand } from '../../../../engine/source/mysql/dump-commands.ts';
import { MysqlGtidSet } from '../../../../engine/source/mysql/gtid-set.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

test('COM_REGISTER_SLAVE: id and name, no user, password, port, rank or source', () => {
  assert.equal(
    hex(registerCommand(0x01020304, 'ab')),
    ['14000000', '15', '04030201', '02', '6162', '0000', '0000', '00000000', '00000000'].join(''),
  );
  assert.equal(registerCommand(1, 'x'.repeat(300)).length, 4 + 18 + 60, 'names are short on both servers');
});

test('COM_BINLOG_DUMP: offset, flags, id, file', () => {
  assert.equal(
    hex(dumpCommand(0xee6b2801, 'bin.000001', 1234)),
    ['15000000', '12', 'd2040000', '0000', '01286bee', hex(Buffer.from('bin.000001'))].join(''),
  );
  assert.equal(dumpCommand(0, 'b.1', 4, DumpFlag.endsWithLog)[9], 1, 'ends with the log');
  const offsetIn = (bytes: Uint8Array) => Buffer.from(bytes).readUInt32LE(5);
  assert.equal(offsetIn(dumpCommand(0, 'b.1', 2 ** 32 - 1)), 2 ** 32 - 1);
  assert.equal(offsetIn(dumpCommand(0, 'b.1', 2 ** 32 + 1234)), 4, 'beyond what it has room for: from the file on');
});

test('COM_BINLOG_DUMP_GTID: through GTIDs, no file, offset 4, the set', () => {
  const set = MysqlGtidSet.parse('896e7882-18fe-11ef-ab88-22222d34d411:1-5');
  const body = ['1e', '0400', '02000000', '00000000', '0400000000000000', '30000000', hex(set.encode())].join('');
  assert.equal(hex(dumpGtidCommand(2, set)), '47000000' + body);
});
