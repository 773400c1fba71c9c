import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { tempDir } from '../../../support/temp.ts';
import { KV_JSON, MAXWELL } from '../../../support/formats.ts';
import { configOf, problemsOf } from './support.ts';

describe('formats in the configuration', () => {
  it('have every field of Maxwell as an option', () => {
    const { format } = configOf({
      MILLRACE_OUTPUT_PRIMARY_KEY_COLUMNS: 'true',
      MILLRACE_OUTPUT_BINLOG_POSITION: 'true',
      MILLRACE_OUTPUT_SERVER_ID: 'true',
      MILLRACE_SERVER_ID: '23042',
      MILLRACE_OUTPUT_THREAD_ID: 'true',
      MILLRACE_OUTPUT_SCHEMA_ID: 'true',
      MILLRACE_OUTPUT_PUSH_TIMESTAMP: 'true',
      MILLRACE_OUTPUT_COMMIT_INFO: 'false',
      MILLRACE_OUTPUT_NULLS: 'false',
      MILLRACE_EXCLUDE_COLUMNS: 'a, /b.*/',
      MILLRACE_OUTPUT_NAMING_STRATEGY: 'underscore_to_camelcase',
    });
    assert.deepEqual(format, {
      ...MAXWELL,
      primaryKeyColumns: true,
      position: 'lsn',
      serverId: 23_042,
      threadId: 'zero',
      schemaId: true,
      pushTimestamp: true,
      commitInfo: false,
      nulls: false,
      excludeColumns: ['a', '/b.*/'],
      naming: 'underscore_to_camelcase',
    });
  });

  it('write a position in decimal only when a position is asked for', () => {
    const position = (env: Record<string, string>) => {
      const { format } = configOf({ MILLRACE_BINLOG_POSITION_FORMAT: 'decimal', ...env });
      return format.format === 'maxwell' ? format.position : null;
    };
    assert.equal(position({ MILLRACE_OUTPUT_BINLOG_POSITION: 'true' }), 'decimal');
    assert.equal(position({}), 'none');
  });

  it('make a server id from the name of the changefeed', () => {
    const serverId = (changefeed: string) => {
      const { format } = configOf({ MILLRACE_OUTPUT_SERVER_ID: 'true', MILLRACE_CHANGEFEED: changefeed });
      return format.format === 'maxwell' ? Number(format.serverId) : -1;
    };
    // Consumers may keep it: it must not change from version to version.
    assert.equal(serverId('default'), 2_827_489_970);
    assert.notEqual(serverId('orders'), serverId('default'));
    for (const name of ['a', 'b', 'c', 'orders']) assert.ok(serverId(name) >= 2 ** 31 && serverId(name) < 2 ** 32);
  });

  it('tells bootstraps only in a format that has types', () => {
    assert.equal(configOf({}).bootstrapTypes, false);
    assert.equal(configOf({ MILLRACE_BOOTSTRAP_TYPES: 'true' }).bootstrapTypes, true);
    const problems = problemsOf(() => configOf({ MILLRACE_FORMAT: 'kv-json', MILLRACE_BOOTSTRAP_TYPES: 'true' }));
    assert.deepEqual(problems, ['MILLRACE_BOOTSTRAP_TYPES: given true, accepted: only false, because a message of kv-json has no type']);
  });

  it('of rows alone turn a changed key into a delete and an insert', () => {
    const config = configOf({ MILLRACE_FORMAT: 'kv-json', MILLRACE_KV_JSON_DELETE: 'key' });
    assert.deepEqual(config.format, { ...KV_JSON, deletes: 'key' });
    assert.equal(config.keyChange, 'delete-insert');
    assert.equal(configOf({ MILLRACE_KEY_CHANGE: 'delete-insert' }).keyChange, 'delete-insert');
    const problems = problemsOf(() => configOf({ MILLRACE_FORMAT: 'kv-json', MILLRACE_KEY_CHANGE: 'update' }));
    assert.deepEqual(problems, [
      'MILLRACE_KEY_CHANGE: given "update", accepted: only delete-insert, because a message of kv-json does not hold the old key',
    ]);
  });

  it('write timestamps by zone, pattern and conversion', () => {
    const env = {
      MILLRACE_ZONE_ID: '+08:00',
      MILLRACE_TIMESTAMP_FORMAT: 'yyyy',
      MILLRACE_TIMEZONE_CONVERSION_SOURCE_TIMEZONE: 'UTC',
      MILLRACE_TIMEZONE_CONVERSION_TARGET_TIMEZONE: '+08:00',
      MILLRACE_TIMEZONE_CONVERSION_PRESERVE_ORIGINAL: 'true',
    };
    assert.deepEqual(configOf(env).format.times, {
      zone: { starts: [], offsets: [28_800] },
      sourceZone: { starts: [], offsets: [0] },
      pattern: 'yyyy',
      keepOffset: true,
    });
    assert.deepEqual(
      problemsOf(() => configOf({ ...env, MILLRACE_ZONE_ID: 'UTC' })),
      [
        'MILLRACE_ZONE_ID and MILLRACE_TIMEZONE_CONVERSION_TARGET_TIMEZONE mean the same and were given "UTC" and "+08:00": keep one of them',
      ],
    );
    const newYork = configOf({ MILLRACE_ZONE_ID: 'America/New_York' });
    assert.deepEqual(JSON.parse(JSON.stringify(newYork)), newYork);
  });

  it('take the published configuration of zones as it is', (t) => {
    const file = join(tempDir(t), 'export.json');
    const conversion = { source_timezone: 'UTC', target_timezone: '+08:00', preserve_original: false };
    const block = { zone_id: '+08:00', timestamp_format: 'yyyy-MM-dd HH:mm:ss.SSSSSS', timezone_conversion: conversion };
    writeFileSync(file, JSON.stringify({ export_config: block }));
    assert.deepEqual(configOf({ MILLRACE_CONFIG: file }).format.times, {
      zone: { starts: [], offsets: [28_800] },
      sourceZone: { starts: [], offsets: [0] },
      pattern: 'yyyy-MM-dd HH:mm:ss.SSSSSS',
      keepOffset: false,
    });
  });

  it('warn of options that they have no use for', () => {
    const kvJson = configOf({ MILLRACE_FORMAT: 'kv-json', MILLRACE_OUTPUT_SERVER_ID: 'true', MILLRACE_EXCLUDE_COLUMNS: 'a' });
    assert.equal(kvJson.warnings.length, 1);
    assert.match(kvJson.warnings[0]!, /^MILLRACE_OUTPUT_SERVER_ID has no effect: messages of format kv-json/);
    assert.match(configOf({ MILLRACE_KV_JSON_DELETE: 'key' }).warnings[0]!, /^MILLRACE_KV_JSON_DELETE has no effect/);
  });
});

describe('messages of MariaDB and MySQL', () => {
  const binlog = (env: Record<string, string> = {}) =>
    configOf({
      MILLRACE_SOURCE_URL: 'mariadb://reader@localhost/shop',
      MILLRACE_SYNC_MODE: 'INCREMENTAL',
      MILLRACE_TABLES: 'shop.*',
      ...env,
    });

  it("are Maxwell's own by default", () => {
    const { format, kafka, keyChange, warnings } = binlog();
    assert.deepEqual(format, { ...MAXWELL, old: 'changed', primaryKey: false, xoffset: true });
    assert.equal(kafka.keyFormat, 'hash');
    assert.deepEqual(kafka.placement, { by: 'database', columns: [], fallback: 'random', hash: 'default' });
    assert.equal(keyChange, 'update');
    assert.deepEqual(warnings, []);
  });

  it('are what the options say', () => {
    const { format, kafka } = binlog({
      MILLRACE_OLD: 'full',
      MILLRACE_OUTPUT_PRIMARY_KEYS: 'true',
      MILLRACE_OUTPUT_XOFFSET: 'false',
      MILLRACE_KEY_FORMAT: 'array',
      MILLRACE_PARTITION_BY: 'key',
      MILLRACE_PARTITION_HASH: 'murmur3',
      MILLRACE_OUTPUT_BINLOG_POSITION: 'true',
      MILLRACE_OUTPUT_GTID_POSITION: 'true',
      MILLRACE_OUTPUT_SERVER_ID: 'true',
      MILLRACE_SERVER_ID: '7',
      MILLRACE_OUTPUT_THREAD_ID: 'true',
      MILLRACE_OUTPUT_NULL_ZERODATES: 'true',
    });
    const origin = { gtid: true, serverId: 'origin', threadId: 'origin' } as const;
    assert.deepEqual(format, { ...MAXWELL, old: 'full', position: 'lsn', ...origin, zeroDates: 'null' });
    assert.equal(kafka.keyFormat, 'array');
    assert.deepEqual(kafka.placement, { by: 'key', columns: [], fallback: 'random', hash: 'murmur3' });
  });

  it('of rows alone have the same keys and partitions as any', () => {
    const { format, kafka, warnings } = binlog({ MILLRACE_FORMAT: 'kv-json', MILLRACE_SERVER_ID: '7' });
    assert.deepEqual(format, KV_JSON);
    assert.equal(kafka.keyFormat, 'primary_key');
    assert.deepEqual(kafka.placement, { by: 'key', columns: [], fallback: 'random', hash: 'murmur2' });
    assert.deepEqual(warnings, [], 'the server id is the replica’s');
  });

  it('have no pattern of timestamps, and those of PostgreSQL no GTID', () => {
    const refused = (env: Record<string, string>) => problemsOf(() => binlog(env)).length;
    for (const [name, value] of [
      ['MILLRACE_TIMESTAMP_FORMAT', 'yyyy'],
      ['MILLRACE_TIMEZONE_CONVERSION_PRESERVE_ORIGINAL', 'true'],
      ['MILLRACE_BINLOG_POSITION_FORMAT', 'decimal'],
      ['MILLRACE_PRESET', 'sample-exact'],
    ] as const)
      assert.equal(refused({ [name]: value }), 1, name);
    for (const name of ['MILLRACE_OUTPUT_GTID_POSITION', 'MILLRACE_OUTPUT_NULL_ZERODATES'])
      assert.match(problemsOf(() => configOf({ [name]: 'true' }))[0]!, /it is an option of MariaDB or MySQL/);
  });

  it("refuse options of Maxwell's that do nothing here, by name", () => {
    for (const name of ['ENCRYPT', 'JAVASCRIPT', 'OUTPUT_DDL', 'HA', 'BOOTSTRAPPER', 'FILTER', 'OUTPUT_ROW_QUERY'])
      assert.match(problemsOf(() => binlog({ [`MILLRACE_${name}`]: 'true' }))[0]!, new RegExp(`MILLRACE_${name}\\b`));
  });
});
