import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MillraceError } from '../../../../engine/base/errors.ts';
import { fromServerError, isMendedByReconnect, parseServerError } from '../../../../engine/source/mysql/server-error.ts';

function codeOf(errno: number, message = ''): string {
  return fromServerError({ errno, sqlState: '', message }, 'x').code;
}

test('an ERR packet has a number, a state and words; one that is cut off is read as far as it goes', () => {
  const packet = Buffer.concat([Buffer.from([0xd4, 0x04]), Buffer.from('#HY000Could not ünd')]);
  const fields = { errno: 1236, sqlState: 'HY000', message: 'Could not ünd' };
  assert.deepEqual(parseServerError(packet, 0, packet.length), fields);
  const plain = Buffer.concat([Buffer.from([0x10, 0x04]), Buffer.from('Too many connections')]);
  assert.deepEqual(parseServerError(plain, 0, plain.length), { errno: 1040, sqlState: '', message: 'Too many connections' });
  assert.deepEqual(parseServerError(packet, 0, 1), { errno: 0, sqlState: '', message: '' });
  const error = fromServerError(fields, 'the server ended the stream');
  assert.equal(error.message, 'the server ended the stream: Could not ünd (error 1236, SQLSTATE HY000)');
  assert.deepEqual(error.details, { errno: 1236 });
});

test('what a dump is refused or ended with, as both servers word it', () => {
  const words: readonly (readonly [string, string])[] = [
    ['A slave with the same server_uuid/server_id as this slave has connected to the master; the first event', 'SERVER_ID_CLASH'],
    ['A replica with the same server_uuid/server_id as this replica has connected to the source; the first', 'SERVER_ID_CLASH'],
    [
      'Could not find GTID state requested by slave in any binlog files. Probably the slave state is too old and required binlog files have been purged.',
      'BINLOG_PURGED',
    ],
    ['Could not find first log file name in binary log index file', 'BINLOG_PURGED'],
    ['Cannot replicate because the source purged required binary logs. Replicate the missing transactions from elsewhere', 'BINLOG_PURGED'],
    ["Slave has more GTIDs than the master has, using the master's SERVER_UUID.", 'GTID_UNKNOWN'],
    [
      "Error: connecting slave requested to start from GTID 0-77-2, which is not in the master's binlog. Since the master's binlog contains GTIDs with higher sequence numbers",
      'GTID_UNKNOWN',
    ],
    ['Client requested master to start replication from impossible position; the first event', 'POSITION_BEYOND_END'],
    ['The replication sender thread cannot start in AUTO_POSITION mode: this server has GTID_MODE = OFF instead of ON.', 'GTID_MODE'],
    ['Binary log is not open', 'BINLOG_OFF'],
    ['bogus data in log event', 'STREAM_REFUSED'],
  ];
  for (const [message, code] of words) assert.equal(codeOf(1236, message), code, message);
});

test('numbers that mean the same whatever was asked', () => {
  for (const [errno, code] of [
    [1045, 'LOGIN_REFUSED'],
    [1040, 'CONNECTIONS_EXHAUSTED'],
    [1053, 'CONNECTION_LOST'],
    [1227, 'BINLOG_PRIVILEGE'],
    [1373, 'BINLOG_PURGED'],
    [1146, 'STREAM_REFUSED'],
  ] as const) {
    assert.equal(codeOf(errno), code);
  }
});

test('a new connection mends what a connection broke; a refused login only of a server that worked', () => {
  const is = (code: 'CONNECTION_LOST' | 'LOGIN_REFUSED' | 'BINLOG_PURGED', hasStreamed: boolean) =>
    isMendedByReconnect(new MillraceError(code, ''), hasStreamed);
  assert.deepEqual([is('CONNECTION_LOST', false), is('LOGIN_REFUSED', false), is('LOGIN_REFUSED', true)], [true, false, true]);
  assert.equal(is('BINLOG_PURGED', true), false);
});
