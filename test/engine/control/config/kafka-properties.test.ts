import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import {
  capitals,
  isSecretProperty,
  ownProperties,
  propertyNames,
  propertyOf,
  refusalOf,
} from '../../../../engine/control/config/kafka-properties.ts';
import { CONSUMER_PROPERTIES, PRODUCER_PROPERTIES } from '../../../../engine/control/config/librdkafka-properties.ts';
import { readPropertyNames } from '../../../../scripts/generate-kafka-properties.ts';
import { projectRoot } from '../../../support/paths.ts';

const REFERENCE = 'node_modules/@confluentinc/kafka-javascript/deps/librdkafka/CONFIGURATION.md';

describe('properties of librdkafka', () => {
  it('are those of the librdkafka that is built in', () => {
    const built = readPropertyNames(readFileSync(join(projectRoot, REFERENCE), 'utf8'));
    assert.ok(built.producer.length > 100);
    assert.deepEqual({ producer: PRODUCER_PROPERTIES, consumer: CONSUMER_PROPERTIES }, built);
  });

  it('have one name each in capitals', () => {
    const names = [...PRODUCER_PROPERTIES, ...CONSUMER_PROPERTIES];
    assert.equal(new Set(names.map(capitals)).size, names.length - collisions(names));
    for (const name of names) assert.equal(capitals(propertyOf(capitals(name))!), capitals(name));
    assert.equal(propertyOf('SECURITY_PROTOCOL'), 'security.protocol');
    assert.equal(propertyOf('SECURITY_PROTOCL'), null);
  });

  it('that carry the guarantees are refused with the name of their rule', () => {
    const refused = [
      ['acks', 'acknowledged by all replicas'],
      ['request.required.acks', 'acknowledged by all replicas'],
      ['enable.idempotence', 'order through retries'],
      ['message.timeout.ms', 'no message is given up'],
      ['delivery.timeout.ms', 'no message is given up'],
      ['allow.auto.create.topics', 'topics are made on request only'],
      ['transactional.id', 'one writer'],
      ['queue.buffering.max.messages', 'one memory budget'],
      ['queue.buffering.max.kbytes', 'one memory budget'],
      ['queue.buffering.max.ms', 'one memory budget'],
      ['delivery.report.only.error', 'every delivery is counted'],
      ['queuing.strategy', 'order in a partition'],
      ['test.mock.num.brokers', 'a real cluster'],
      ['test.mock.broker.rtt', 'a real cluster'],
      ['plugin.library.paths', 'no foreign code'],
      ['interceptors', 'no foreign code'],
      ['dr_msg_cb', 'callbacks belong to the engine'],
      ['ssl.certificate.verify_cb', 'callbacks belong to the engine'],
      ['ssl_engine_callback_data', 'callbacks belong to the engine'],
      ['opaque', 'callbacks belong to the engine'],
    ] as const;
    for (const [property, rule] of refused) assert.ok(refusalOf(property)?.includes(`rule "${rule}"`), property);
    assert.match(refusalOf('group.id')!, /consumers/);
    assert.equal(propertyOf('TEST_MOCK_NUM_BROKERS'), 'test.mock.num.brokers');
  });

  it('that are left can all be passed through', () => {
    assert.equal(refusalOf('security.protocol'), null);
    assert.equal(refusalOf('sasl.password'), null);
    assert.ok(propertyNames().includes('SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL'));
    assert.ok(!propertyNames().includes('ACKS'));
    for (const callback of PRODUCER_PROPERTIES.filter((name) => name.endsWith('_cb'))) assert.notEqual(refusalOf(callback), null);
  });

  it('that hold secrets are known', () => {
    const secrets = PRODUCER_PROPERTIES.filter(isSecretProperty);
    assert.deepEqual(secrets, [
      'oauthbearer_token_refresh_cb',
      'sasl.oauthbearer.assertion.private.key.passphrase',
      'sasl.oauthbearer.assertion.private.key.pem',
      'sasl.oauthbearer.client.credentials.client.id',
      'sasl.oauthbearer.client.credentials.client.secret',
      'sasl.oauthbearer.client.secret',
      'sasl.oauthbearer.config',
      'sasl.oauthbearer.extensions',
      'sasl.password',
      'ssl.key.password',
      'ssl.key.pem',
      'ssl.keystore.password',
    ]);
    assert.ok(isSecretProperty('sasl.jaas.config'));
    assert.ok(isSecretProperty('some.future.client_secret'));
  });
});

const OWN = { bootstrapServers: 'b:1', compression: 'lz4', lingerMs: 1, acks: 'all', enableIdempotence: true };

describe('own properties', () => {
  it('carry the guarantees', () => {
    const own = ownProperties({ ...OWN, batchBytes: null, batchMessages: null });
    assert.deepEqual(own, {
      'bootstrap.servers': 'b:1',
      'compression.type': 'lz4',
      'linger.ms': '1',
      acks: 'all',
      'enable.idempotence': 'true',
      'enable.gapless.guarantee': 'true',
      'message.timeout.ms': '0',
      'allow.auto.create.topics': 'false',
      'delivery.report.only.error': 'false',
    });
  });

  it('hold both limits of a batch when they are given', () => {
    const own = ownProperties({ ...OWN, batchBytes: 16_384, batchMessages: 7 });
    assert.equal(own['batch.size'], '16384');
    assert.equal(own['batch.num.messages'], '7');
  });
});

/** Names that differ only in `.` and `_`; all of them are refused, so either reading will do. */
function collisions(names: readonly string[]): number {
  const same = names.filter((name) => names.some((other) => other !== name && capitals(other) === capitals(name)));
  for (const name of same.filter((candidate) => candidate.includes('_'))) assert.notEqual(refusalOf(name), null, name);
  return same.length / 2;
}
