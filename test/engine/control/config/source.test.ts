import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadService } from '../../../../engine/control/config/service.ts';
import type { Config } from '../../../../engine/control/config/config.ts';

const REST = { SYNC_MODE: 'INCREMENTAL', TABLES: 'shop.*', BOOTSTRAP_SERVERS: 'b:9092', TOPIC: 't' };

function configOf(options: Readonly<Record<string, string>>): Config {
  const env = Object.fromEntries(Object.entries({ ...REST, ...options }).map(([name, value]) => [`MILLRACE_${name}`, value]));
  return loadService({ argv: [], env, cwd: '/' }, false).changefeeds[0];
}

function problemsOf(options: Readonly<Record<string, string>>): string {
  try {
    configOf(options);
  } catch (error) {
    return (error as Error).message;
  }
  return '';
}

const MARIADB = { SOURCE_URL: 'mariadb://repl:secret@db:3306' };
const POSTGRES = { SOURCE_URL: 'postgres://app@db/shop' };

describe('the source', () => {
  it('of MariaDB or MySQL has a number of its own, and begins with what comes next', () => {
    const { source, schemaName } = configOf(MARIADB);
    const { serverId, ...rest } = source.kind === 'binlog' ? source : assert.fail();
    assert.ok(serverId >= 2 ** 31 && serverId < 2 ** 32);
    assert.deepEqual(rest, {
      kind: 'binlog',
      url: 'mariadb://repl:secret@db:3306',
      passwordFile: null,
      tables: ['shop.*'],
      startPosition: { kind: 'newest' },
      timeoutMs: null,
      ambiguousTypes: 'error',
      zone: 'UTC',
    });
    assert.equal(schemaName, 'bare');
    const other = configOf({ ...MARIADB, CHANGEFEED: 'other' }).source;
    assert.notEqual(other.kind === 'binlog' && other.serverId, serverId);
  });

  it('takes what is given for it', () => {
    const given = { START_POSITION: 'mysql-bin.000007:120', SERVER_ID: '77', TIMEOUT: '10', AMBIGUOUS_TYPES: 'raw', ZONE_ID: 'Asia/Tokyo' };
    const { source } = configOf({ ...MARIADB, ...given });
    assert.ok(source.kind === 'binlog');
    const { startPosition, serverId, timeoutMs, ambiguousTypes, zone } = source;
    assert.deepEqual(startPosition, { kind: 'place', file: 'mysql-bin.000007', offset: 120 });
    assert.deepEqual([serverId, timeoutMs, ambiguousTypes, zone], [77, 10_000, 'raw', 'Asia/Tokyo']);
    const withPassword = configOf({ SOURCE_URL: 'mysql://repl@db', SOURCE_PASSWORD: 'a&b' }).source;
    assert.equal(withPassword.url, 'mysql://repl@db?password=a%26b');
  });

  it('refuses options of the other kind by their names', () => {
    const ofPostgres = problemsOf({ ...MARIADB, SLOT: 's', SNAPSHOT_UNIT: '1GB', SCHEMA_NAME: 'bare' });
    for (const name of ['SLOT', 'SNAPSHOT_UNIT', 'SCHEMA_NAME']) assert.match(ofPostgres, new RegExp(`MILLRACE_${name}: .* PostgreSQL`));
    const ofBinlog = problemsOf({ ...POSTGRES, START_POSITION: 'oldest', SOURCE_TIMEOUT: '5s', AMBIGUOUS_TYPES: 'raw' });
    for (const name of ['START_POSITION', 'SOURCE_TIMEOUT', 'AMBIGUOUS_TYPES']) {
      assert.match(ofBinlog, new RegExp(`MILLRACE_${name}: it is an option of MariaDB or MySQL`));
    }
    assert.doesNotMatch(ofPostgres + ofBinlog, /secret/);
  });

  it('of MariaDB or MySQL has changes alone, and a number that a replica can have', () => {
    assert.match(problemsOf({ ...MARIADB, SYNC_MODE: 'FULL + INCREMENTAL' }), /MILLRACE_SYNC_MODE: .*: INCREMENTAL$/);
    assert.match(problemsOf({ ...MARIADB, SERVER_ID: '0' }), /MILLRACE_SERVER_ID: given "0", .* 1 to 4294967295/);
    assert.match(problemsOf({ ...MARIADB, START_POSITION: 'yesterday' }), /MILLRACE_START_POSITION: given "yesterday", accepted: `newest`/);
  });

  it('has one password', () => {
    assert.match(problemsOf({ ...MARIADB, SOURCE_PASSWORD: 'other' }), /both hold a password/);
  });
});
