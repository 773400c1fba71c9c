import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MariadbGtidPosition } from '../../../../engine/source/mysql/gtid.ts';
import { MysqlGtidSet } from '../../../../engine/source/mysql/gtid-set.ts';
import { transactionsBehind } from '../../../../engine/source/mysql/transactions-behind.ts';

const UUID = '3e11fa47-71ca-11e1-9e33-c80aa9429562';
const OTHER = '4e11fa47-71ca-11e1-9e33-c80aa9429562';

test('transactions that were not read, over the domains of MariaDB', () => {
  const behind = (server: string, read: string) => transactionsBehind(MariadbGtidPosition.parse(server), MariadbGtidPosition.parse(read));
  assert.equal(behind('0-1-5,7-1-2', '0-1-5,7-1-2'), 0);
  assert.equal(behind('0-1-9,7-1-2', '0-1-5,7-1-1'), 5);
  assert.equal(behind('0-1-9,7-1-2', '0-1-9'), 2, 'a domain that was not read at all');
  assert.equal(behind('0-1-4', '0-1-5'), 0, 'read since the server was asked');
});

test('transactions that were not read, over the sets of MySQL and their gaps', () => {
  const behind = (server: string, read: string) => transactionsBehind(MysqlGtidSet.parse(server), MysqlGtidSet.parse(read));
  assert.equal(behind(`${UUID}:1-5`, `${UUID}:1-5`), 0);
  assert.equal(behind(`${UUID}:1-9:11,${OTHER}:1-2`, `${UUID}:1-5`), 7);
  assert.equal(behind(`${UUID}:1-5`, `${UUID}:1-6`), 0, 'read since the server was asked');
});
