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
