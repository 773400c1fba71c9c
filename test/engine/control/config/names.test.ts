import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { capitals } from '../../../../engine/control/config/kafka-properties.ts';
import { CONSUMER_PROPERTIES, PRODUCER_PROPERTIES } from '../../../../engine/control/config/librdkafka-properties.ts';
import { isBlockName, meaningOf } from '../../../../engine/control/config/names.ts';
import { OPTIONS, type OptionKey } from '../../../../engine/control/config/options.ts';

describe('names of options', () => {
  it('are found by their name and every alias', () => {
    for (const key of Object.keys(OPTIONS) as OptionKey[]) {
      for (const name of [OPTIONS[key].name, ...OPTIONS[key].aliases]) {
        assert.deepEqual(meaningOf(name), { kind: 'option', key, inFile: false }, name);
      }
    }
  });

  it('are unique', () => {
    const names = Object.values(OPTIONS).flatMap((option) => [option.name, ...option.aliases]);
    assert.equal(new Set(names).size, names.length);
  });

  it('with _FILE mean a file, for secrets only', () => {
    assert.deepEqual(meaningOf('SOURCE_URL_FILE'), { kind: 'option', key: 'sourceUrl', inFile: true });
    assert.deepEqual(meaningOf('KAFKA_SASL_PASSWORD_FILE'), { kind: 'option', key: 'saslPassword', inFile: true });
    assert.deepEqual(meaningOf('KAFKA_SSL_KEYSTORE_PASSWORD_FILE'), { kind: 'property', property: 'ssl.keystore.password', inFile: true });
    assert.equal(meaningOf('TOPIC_FILE').kind, 'unknown');
    assert.equal(meaningOf('KAFKA_SECURITY_PROTOCOL_FILE').kind, 'unknown');
  });

  it('that end in _FILE by themselves stay what they are', () => {
    const property = 'sasl.oauthbearer.assertion.private.key.file';
    assert.deepEqual(meaningOf('KAFKA_SASL_OAUTHBEARER_ASSERTION_PRIVATE_KEY_FILE'), { kind: 'property', property, inFile: false });
  });
});

describe('names of librdkafka', () => {
  it('stand behind KAFKA_', () => {
    assert.deepEqual(meaningOf('KAFKA_SSL_KEYSTORE_PASSWORD'), { kind: 'property', property: 'ssl.keystore.password', inFile: false });
    assert.deepEqual(meaningOf('KAFKA_SOCKET_KEEPALIVE_ENABLE'), { kind: 'property', property: 'socket.keepalive.enable', inFile: false });
  });

  it('that have an option of their own are that option', () => {
    assert.deepEqual(meaningOf('KAFKA_LINGER_MS'), { kind: 'option', key: 'lingerMs', inFile: false });
    assert.deepEqual(meaningOf('KAFKA_COMPRESSION_CODEC'), { kind: 'option', key: 'compression', inFile: false });
    assert.deepEqual(meaningOf('KAFKA_SECURITY_PROTOCOL'), { kind: 'option', key: 'securityProtocol', inFile: false });
    assert.deepEqual(meaningOf('KAFKA_SSL_KEY'), { kind: 'option', key: 'sslKeyLocation', inFile: false });
    assert.deepEqual(meaningOf('KAFKA_BATCH_SIZE'), { kind: 'option', key: 'batchBytes', inFile: false });
  });

  it('that carry a guarantee are refused', () => {
    assert.equal(meaningOf('KAFKA_ACKS').kind, 'refused');
    assert.equal(meaningOf('KAFKA_TEST_MOCK_NUM_BROKERS').kind, 'refused');
    assert.equal(meaningOf('KAFKA_GROUP_ID').kind, 'refused');
  });
});

describe('names in the blocks of other exporters', () => {
  it('mean what they mean without them, in any nesting', () => {
    assert.deepEqual(meaningOf('KAFKA_CONFIG_SASL_USERNAME'), meaningOf('SASL_USERNAME'));
    assert.deepEqual(meaningOf('KAFKA_CONFIG_SSL_CONFIG_SSL_CA_LOCATION'), meaningOf('SSL_CA_LOCATION'));
    assert.deepEqual(meaningOf('SSL_CONFIG_SSL_CA_LOCATION'), meaningOf('SSL_CA_LOCATION'));
    assert.deepEqual(meaningOf('ADVANCED_CONFIG_PERFORMANCE_TUNING_LINGER_MS'), meaningOf('LINGER_MS'));
    assert.deepEqual(meaningOf('ADVANCED_CONFIG_CONSUMER_CONFIG_FETCH_MIN_BYTES'), meaningOf('CONSUMER_CONFIG_FETCH_MIN_BYTES'));
    assert.deepEqual(meaningOf('ADVANCED_CONFIG_PRODUCER_CONFIG_PARTITION_BY'), meaningOf('PARTITION_BY'));
    assert.deepEqual(meaningOf('KAFKA_CONFIG_SASL_PASSWORD_FILE'), { kind: 'option', key: 'saslPassword', inFile: true });
    assert.deepEqual(meaningOf('PRODUCER_CONFIG_RETRIES'), { kind: 'property', property: 'retries', inFile: false });
    assert.deepEqual(meaningOf('EXPORT_CONFIG_RETRIES').kind, 'unknown');
  });

  it('are options before they are properties of librdkafka', () => {
    assert.deepEqual(meaningOf('KAFKA_CONFIG_ACKS'), { kind: 'option', key: 'acks', inFile: false });
    assert.deepEqual(meaningOf('PRODUCER_CONFIG_ACKS'), { kind: 'option', key: 'acks', inFile: false });
  });

  it('of two sizes that share one name depend on their block, and are refused without one', () => {
    for (const block of ['PRODUCER_CONFIG', 'ADVANCED_CONFIG_PRODUCER_CONFIG']) {
      assert.deepEqual(meaningOf(`${block}_BATCH_SIZE`), { kind: 'option', key: 'batchBytes', inFile: false });
    }
    for (const block of ['PERFORMANCE_TUNING', 'ADVANCED_CONFIG_PERFORMANCE_TUNING']) {
      assert.deepEqual(meaningOf(`${block}_BATCH_SIZE`), { kind: 'option', key: 'batchMessages', inFile: false });
    }
    assert.match(JSON.stringify(meaningOf('BATCH_SIZE')), /MILLRACE_BATCH_BYTES or MILLRACE_BATCH_MESSAGES/);
  });

  it('never hide a property of librdkafka', () => {
    for (const name of [...PRODUCER_PROPERTIES, ...CONSUMER_PROPERTIES]) {
      const flat = `KAFKA_${capitals(name)}`;
      assert.ok(!['KAFKA_CONFIG_', 'KAFKA_SSL_CONFIG_'].some((block) => flat.startsWith(block)), flat);
    }
  });

  it('are known as blocks', () => {
    for (const name of ['KAFKA', 'KAFKA_CONFIG', 'ADVANCED_CONFIG_PRODUCER_CONFIG', 'SSL_CONFIG']) assert.ok(isBlockName(name), name);
    for (const name of ['TOPIC', 'KAFKA_TOPIC', 'CONSUMER_CONFIG']) assert.ok(!isBlockName(name), name);
  });

  it('that nobody knows come with the nearest one, the block aside', () => {
    assert.deepEqual(meaningOf('KAFKA_CONFIG_SASL_USERNAM'), { kind: 'unknown', nearest: 'SASL_USERNAME' });
    assert.deepEqual(meaningOf('PRODUCER_CONFIG_SOCKET_KEEPALIV_ENABLE'), {
      kind: 'unknown',
      nearest: 'KAFKA_SOCKET_KEEPALIVE_ENABLE',
    });
  });
});

describe('other names', () => {
  it('that come later are refused by name', () => {
    for (const name of ['SINK_DISPATCHERS', 'FILTER_RULES', 'FILTER']) {
      assert.equal(meaningOf(name).kind, 'refused', name);
    }
  });

  it('that mean nothing here are ignored', () => {
    for (const name of ['MOUNTER_WORKER_NUM', 'SORT_ENGINE', 'CONSUMER_CONFIG_GROUP_ID'])
      assert.equal(meaningOf(name).kind, 'ignored', name);
  });

  it('that nobody knows come with the nearest one', () => {
    assert.deepEqual(meaningOf('TOPICS'), { kind: 'unknown', nearest: 'TOPIC' });
    assert.deepEqual(meaningOf('SOURCE_URI'), { kind: 'unknown', nearest: 'SOURCE_URL' });
    assert.deepEqual(meaningOf('KAFKA_SECURTY_PROTOCOL'), { kind: 'unknown', nearest: 'KAFKA_SECURITY_PROTOCOL' });
    assert.deepEqual(meaningOf('XYZZY_PLUGH_XYZZY'), { kind: 'unknown', nearest: null });
  });
});
