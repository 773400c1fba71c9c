import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { KV_JSON, MAXWELL } from '../../../support/formats.ts';
import { configOf, problemsOf } from './support.ts';

describe('configuration', () => {
  it('of five variables is complete', () => {
    const { workers, ...config } = configOf();
    assert.ok(workers >= 1);
    assert.deepEqual(config, {
      changefeed: 'default',
      syncMode: 'INCREMENTAL',
      source: {
        kind: 'postgres',
        url: 'postgres://app:s3cret-word@db:5432/shop',
        passwordFile: null,
        tables: ['shop.*'],
        slot: 'millrace_default',
        publication: 'millrace_default',
        partitionRoot: true,
        signalTable: null,
        slotAdopt: false,
        mviews: false,
      },
      snapshot: { connections: 4, unitBytes: 128_000_000, walLimitBytes: null, walLimitDrops: false },
      format: MAXWELL,
      bootstrapTypes: false,
      keyChange: 'update',
      schemaName: 'auto',
      kafka: {
        bootstrapServers: 'kafka:9092',
        topic: 'orders',
        deadLetterTopic: null,
        autoCreateTopic: false,
        partitionNum: null,
        replicationFactor: null,
        keyFormat: 'primary_key',
        placement: { by: 'key', columns: [], fallback: 'random', hash: 'murmur2' },
        maxMessageBytes: null,
        bufferMemoryBytes: null,
        properties: {
          'client.id': 'millrace-default',
          'bootstrap.servers': 'kafka:9092',
          'compression.type': 'lz4',
          'linger.ms': '0',
          acks: 'all',
          'enable.idempotence': 'true',
          'enable.gapless.guarantee': 'true',
          'message.timeout.ms': '0',
          'allow.auto.create.topics': 'false',
          'delivery.report.only.error': 'false',
        },
        secretFiles: {},
        tokenFile: null,
        kerberosConfig: null,
      },
      memoryBytes: 160_000_000,
      stateDir: '/srv/millrace-state',
      checkpointTopic: null,
      checkpointIntervalMs: 1000,
      shutdownTimeoutMs: 60_000,
      captureTimeoutMs: 60_000,
      retry: { attempts: 0, backoffMs: 500, backoffMaxMs: 30_000, timeoutMs: null },
      stampsPath: null,
      warnings: [],
    });
  });

  it('survives the way to the capture process unchanged', () => {
    const config = configOf({ MILLRACE_KAFKA_SSL_KEYSTORE_PASSWORD: 'x"\\ü\n' });
    assert.ok(isDeepStrictEqual(JSON.parse(JSON.stringify(config)), config));
  });

  it('is frozen all through', () => {
    const config = configOf();
    assert.throws(() => Object.assign(config.kafka.properties, { acks: '0' }), TypeError);
    assert.throws(() => (config.source.tables as string[]).push('x'), TypeError);
  });

  it('names slot and publication after the changefeed', () => {
    const { source, kafka } = configOf({ MILLRACE_CHANGEFEED: 'eu-orders' });
    assert.ok(source.kind === 'postgres');
    assert.deepEqual([source.slot, source.publication], ['millrace_eu_orders', 'millrace_eu_orders']);
    assert.equal(kafka.properties['client.id'], 'millrace-eu-orders');
    const named = configOf({ MILLRACE_SLOT: 'mine', MILLRACE_PUBLICATION: 'Mine' }).source;
    assert.deepEqual(named.kind === 'postgres' ? named.publication : null, 'Mine');
  });

  it('puts a separate password into the URL', () => {
    const env = { MILLRACE_SOURCE_URL: 'postgres://app@db/shop', MILLRACE_SOURCE_PASSWORD: 'a&b' };
    assert.equal(configOf(env).source.url, 'postgres://app@db/shop?password=a%26b');
    const twice = problemsOf(() => configOf({ MILLRACE_SOURCE_PASSWORD: 'other' }));
    assert.deepEqual(twice, ['MILLRACE_SOURCE_URL and MILLRACE_SOURCE_PASSWORD both hold a password: keep one of them']);
  });

  it('takes the preset as defaults that an option wins over', () => {
    const withoutKeys = { ...MAXWELL, primaryKey: false };
    assert.deepEqual(configOf({ MILLRACE_PRESET: 'sample-exact' }).format, withoutKeys);
    assert.deepEqual(configOf({ MILLRACE_PRESET: 'sample-exact', MILLRACE_OUTPUT_PRIMARY_KEYS: 'true' }).format, MAXWELL);
    assert.deepEqual(configOf({ MILLRACE_OUTPUT_PRIMARY_KEYS: 'false' }).format, withoutKeys);
    assert.deepEqual(configOf({ MILLRACE_FORMAT: 'kv-json', MILLRACE_PRESET: 'sample-exact' }).format, KV_JSON);
  });

  it('passes properties through, and never over its own', () => {
    const env = { MILLRACE_KAFKA_SOCKET_TIMEOUT_MS: '9000', MILLRACE_KAFKA_CLIENT_ID: 'x' };
    const { properties } = configOf(env, ['--linger-ms', '5']).kafka;
    assert.equal(properties['socket.timeout.ms'], '9000');
    assert.equal(properties['client.id'], 'x');
    assert.equal(properties['linger.ms'], '5');
  });
});

describe('the topic of a sink URI', () => {
  const env = { MILLRACE_BOOTSTRAP_SERVERS: undefined, MILLRACE_TOPIC: undefined, MILLRACE_SINK_URI: 'kafka://k:9092/orders' };

  it('is created unless that is ruled out', () => {
    assert.equal(configOf().kafka.autoCreateTopic, false);
    assert.equal(configOf(env).kafka.autoCreateTopic, true);
    assert.equal(configOf({ ...env, MILLRACE_AUTO_CREATE_TOPIC: 'false' }).kafka.autoCreateTopic, false);
    assert.equal(configOf({ ...env, MILLRACE_SINK_URI: 'kafka://k/orders?auto-create-topic=false' }).kafka.autoCreateTopic, false);
  });
});

describe('acknowledgement', () => {
  it('by fewer than all replicas is refused while order and uniqueness are asked for', () => {
    const problems = problemsOf(() => configOf({ MILLRACE_ACKS: '1' }));
    assert.equal(problems.length, 1);
    assert.match(problems[0]!, /^MILLRACE_ACKS: given "1", accepted: all/);
  });

  it('by fewer than all replicas warns when idempotence is off', () => {
    const { kafka, warnings } = configOf({ MILLRACE_ACKS: '1', MILLRACE_ENABLE_IDEMPOTENCE: 'false' });
    assert.equal(kafka.properties['acks'], '1');
    assert.equal(kafka.properties['enable.idempotence'], 'false');
    assert.equal(warnings.length, 2);
    assert.match(warnings[0]!, /MILLRACE_ENABLE_IDEMPOTENCE is false/);
    assert.match(warnings[1]!, /MILLRACE_ACKS is 1/);
  });

  it('-1 is all', () => {
    assert.equal(configOf({ MILLRACE_ACKS: '-1' }).kafka.properties['acks'], 'all');
  });
});

describe('warnings', () => {
  it('say what has no effect', () => {
    assert.match(configOf({ MILLRACE_REPLICATION_FACTOR: '3' }).warnings[0]!, /has no effect/);
    assert.deepEqual(configOf({ MILLRACE_REPLICATION_FACTOR: '3', MILLRACE_AUTO_CREATE_TOPIC: 'true' }).warnings, []);
    assert.match(configOf({ MILLRACE_SIGNAL_TABLE: 'signals', MILLRACE_SYNC_MODE: 'FULL' }).warnings[0]!, /no stream that its rows/);
    assert.deepEqual(configOf({ MILLRACE_SIGNAL_TABLE: 'signals' }).warnings, []);
  });
});

describe('partitioning', () => {
  it('is read under the names of other exporters too', () => {
    const { kafka, warnings } = configOf({
      MILLRACE_KAFKA_KEY_FORMAT: 'table_primary_key',
      MILLRACE_PRODUCER_PARTITION_BY: 'columns',
      MILLRACE_PRODUCER_PARTITION_COLUMNS: 'region , "a,""b"',
      MILLRACE_PRODUCER_PARTITION_BY_FALLBACK: 'round_robin',
      MILLRACE_KAFKA_PARTITION_HASH: 'murmur3',
    });
    assert.equal(kafka.keyFormat, 'table_primary_key');
    assert.deepEqual(kafka.placement, { by: 'column', columns: ['region', 'a,"b'], fallback: 'round_robin', hash: 'murmur3' });
    assert.match(warnings[0]!, /MILLRACE_PARTITION_BY is column: .* unless the columns belong to the key/);
  });

  it('by column needs columns, and columns need it', () => {
    const problems = problemsOf(() => configOf({ MILLRACE_PRODUCER_PARTITION_BY: 'column' }));
    assert.deepEqual(
      problems.map((problem) => problem.split(',')[0]),
      ['MILLRACE_PRODUCER_PARTITION_BY: given "column"'],
    );
    assert.match(configOf({ MILLRACE_PARTITION_COLUMNS: 'a' }).warnings[0]!, /MILLRACE_PARTITION_COLUMNS has no effect/);
  });

  it('that takes the changes of one key apart warns', () => {
    const told = (by: string) =>
      configOf({ MILLRACE_PARTITION_BY: by }).warnings.map((warning) => /is (\w+): changes of one key/.exec(warning)![1]);
    for (const by of ['key', 'primary_key', 'table', 'database']) assert.deepEqual(told(by), [], by);
    for (const by of ['random', 'round_robin', 'transaction_id', 'thread_id']) assert.deepEqual(told(by), [by]);
  });

  it('by type of change warns as well', () => {
    assert.match(configOf({ MILLRACE_TOPIC: '%{table}.%{type}' }).warnings[0]!, /MILLRACE_TOPIC has %\{type\}/);
    assert.deepEqual(configOf({ MILLRACE_TOPIC: '%{table}' }).warnings, []);
  });
});
