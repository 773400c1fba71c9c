import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MillraceError } from '../../../../engine/base/errors.ts';
import type { ServerIdentity } from '../../../../engine/source/postgres/identity.ts';
import {
  judgeRefusal,
  judgeRoom,
  judgeServer,
  judgeSettings,
  judgeVersion,
  settingsWarnings,
  versionWarning,
} from '../../../../engine/source/postgres/server-judgement.ts';

const SERVER: ServerIdentity = {
  version: '15.8',
  versionNumber: 150_008,
  database: 'shop',
  encoding: 'UTF8',
  user: 'app',
  isStandby: false,
  walLevel: 'logical',
  endLsn: '0/1',
  slotsMax: 4,
  slotsUsed: 1,
  sendersMax: 10,
  slotWalKeepSize: '1GB',
  canCreate: true,
};
const REPLICATION = { systemIdentifier: '1', timeline: 1, walSenderTimeoutMs: 60_000 };

test('a server that is as it should be', () => {
  assert.deepEqual([...judgeServer(SERVER), ...judgeSettings(SERVER), ...judgeRoom(SERVER, null)], []);
  assert.deepEqual([...versionWarning(SERVER), ...settingsWarnings(SERVER, REPLICATION)], []);
});

test('versions: older than 14 is refused, newer than 18 is told', () => {
  assert.equal(judgeVersion({ ...SERVER, version: '13.9', versionNumber: 130_009 })[0]!.code, 'SERVER_VERSION');
  assert.deepEqual(judgeVersion({ ...SERVER, versionNumber: 140_000 }), []);
  assert.match(versionWarning({ ...SERVER, version: '19.0', versionNumber: 190_000 })[0]!.message, /newer than what/);
});

test('of a server that is too old nothing more is said', () => {
  const problems = judgeServer({ ...SERVER, versionNumber: 130_000, isStandby: true });
  assert.deepEqual(
    problems.map(({ code }) => code),
    ['SERVER_VERSION'],
  );
});

test('a refusal of a replication connection says what mends it; what is no refusal is thrown on', () => {
  const statements = (error: MillraceError) => judgeRefusal(error, SERVER).remedies.filter(({ how }) => how === 'sql');
  const refused = (code: 'REPLICATION_PRIVILEGE' | 'WAL_SENDERS_EXHAUSTED' | 'LOGIN_REFUSED') => new MillraceError(code, 'no');
  assert.equal(statements(refused('REPLICATION_PRIVILEGE'))[0]!.text, 'ALTER ROLE "app" REPLICATION;');
  assert.equal(statements(refused('WAL_SENDERS_EXHAUSTED'))[0]!.text, 'ALTER SYSTEM SET max_wal_senders = 20;');
  assert.equal(statements(refused('LOGIN_REFUSED'))[0]!.text, 'SELECT pg_reload_conf();');
  const lost = new MillraceError('CONNECTION_LOST', 'gone');
  assert.throws(() => judgeRefusal(lost, SERVER), lost);
  assert.throws(() => judgeRefusal(new TypeError('ours'), SERVER), TypeError);
});

test('settings under which the stream may end badly', () => {
  const about = (server: Partial<ServerIdentity>, walSenderTimeoutMs: number) =>
    settingsWarnings({ ...SERVER, ...server }, { ...REPLICATION, walSenderTimeoutMs }).map((warning) => warning.about);
  assert.deepEqual(about({ slotWalKeepSize: '-1' }, 60_000), ['max_slot_wal_keep_size']);
  for (const ms of [0, 4_999]) assert.deepEqual(about({}, ms), ['wal_sender_timeout']);
  assert.deepEqual(about({}, 5_000), []);
});
