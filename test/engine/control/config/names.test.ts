import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { meaningOf } from '../../../../engine/control/config/names.ts';
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
    assert.deepEqual(meaningOf('KAFKA_SASL_PASSWORD_FILE'), { kind: 'property', property: 'sasl.password', inFile: true });
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
    assert.deepEqual(meaningOf('KAFKA_SECURITY_PROTOCOL'), { kind: 'property', property: 'security.protocol', inFile: false });
    assert.deepEqual(meaningOf('KAFKA_SOCKET_KEEPALIVE_ENABLE'), { kind: 'property', property: 'socket.keepalive.enable', inFile: false });
  });

  it('that have an option of their own are that option', () => {
    assert.deepEqual(meaningOf('KAFKA_LINGER_MS'), { kind: 'option', key: 'lingerMs', inFile: false });
    assert.deepEqual(meaningOf('KAFKA_COMPRESSION_CODEC'), { kind: 'option', key: 'compression', inFile: false });
  });

  it('that carry a guarantee are refused', () => {
    assert.equal(meaningOf('KAFKA_ACKS').kind, 'refused');
    assert.equal(meaningOf('KAFKA_TEST_MOCK_NUM_BROKERS').kind, 'refused');
    assert.equal(meaningOf('KAFKA_GROUP_ID').kind, 'refused');
  });

  it('of two sizes that share one name depend on their block', () => {
    assert.deepEqual(meaningOf('PRODUCER_CONFIG_BATCH_SIZE'), { kind: 'property', property: 'batch.size', inFile: false });
    assert.deepEqual(meaningOf('PERFORMANCE_TUNING_BATCH_SIZE'), { kind: 'property', property: 'batch.num.messages', inFile: false });
  });
});

describe('other names', () => {
  it('that come later are refused by name', () => {
    for (const name of ['SINK_URI', 'SINK_DISPATCHERS', 'FILTER_RULES', 'FILTER', 'MVIEWS', 'KAFKA_KEY_FORMAT', 'PRODUCER_PARTITION_BY']) {
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
