import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { givenBySinkUri } from '../../../../engine/control/config/sink-uri.ts';
import { configOf, problemsOf } from './support.ts';

function read(text: string): { given: Record<string, string>; problems: string[] } {
  const problems: string[] = [];
  const given = givenBySinkUri({ source: 'MILLRACE_SINK_URI', name: 'SINK_URI', text }, problems);
  return { given: Object.fromEntries(given.map(({ name, text: value }) => [name, value])), problems };
}

const WITHOUT_KAFKA = { MILLRACE_BOOTSTRAP_SERVERS: undefined, MILLRACE_TOPIC: undefined };

describe('a sink URI', () => {
  it('names brokers and topic', () => {
    assert.deepEqual(read('kafka://host1:9092,host2/orders'), {
      given: { BOOTSTRAP_SERVERS: 'host1:9092,host2', TOPIC: 'orders' },
      problems: [],
    });
    assert.deepEqual(read('kafka://[::1]:9092/a.b?').given, { BOOTSTRAP_SERVERS: '[::1]:9092', TOPIC: 'a.b' });
  });

  it('holds user and password, percent-encoded', () => {
    const { given, problems } = read('kafka://us%40er:p%3Aa:s%2Fs+@h:1/t');
    assert.deepEqual(problems, []);
    assert.deepEqual(given, { BOOTSTRAP_SERVERS: 'h:1', TOPIC: 't', SASL_USERNAME: 'us@er', SASL_PASSWORD: 'p:a:s/s+' });
    assert.deepEqual(read('kafka://user@h:1/t').given, { BOOTSTRAP_SERVERS: 'h:1', TOPIC: 't', SASL_USERNAME: 'user' });
  });

  it('takes the parameters that are options here, in its own spelling', () => {
    const env = {
      ...WITHOUT_KAFKA,
      MILLRACE_SINK_URI:
        'kafka://k1:9092,k2:9092/orders?protocol=maxwell&partition-num=6&replication-factor=2&max-message-bytes=67108864&compression=zstd' +
        '&required-acks=-1&auto-create-topic=true&sasl-mechanism=SCRAM-SHA-256&sasl-user=u&sasl-password=p%26%2B+q&enable-tls=true&ca=/ca' +
        '&kafka-client-id=mine&linger_ms=5&sasl-gssapi-disable-pafxfast=true',
    };
    const { kafka, warnings } = configOf(env);
    assert.deepEqual(warnings, ['sasl-gssapi-disable-pafxfast in MILLRACE_SINK_URI is ignored: it has no meaning here']);
    assert.equal(kafka.bootstrapServers, 'k1:9092,k2:9092');
    assert.deepEqual([kafka.topic, kafka.partitionNum, kafka.replicationFactor, kafka.maxMessageBytes], ['orders', 6, 2, 67_108_864]);
    const { properties } = kafka;
    assert.equal(properties['security.protocol'], 'SASL_SSL');
    assert.equal(properties['sasl.password'], 'p&+ q');
    assert.equal(properties['compression.type'], 'zstd');
    assert.equal(properties['client.id'], 'mine');
    assert.equal(properties['acks'], 'all');
    assert.equal(properties['linger.ms'], '5');
  });

  it('that says one thing twice and differently is an error that names both places', () => {
    const problems = problemsOf(() =>
      configOf({ ...WITHOUT_KAFKA, MILLRACE_SINK_URI: 'kafka://u:hunter2@h/t?sasl-password=hunter3&sasl-mechanism=PLAIN' }),
    );
    assert.deepEqual(problems, [
      'password in MILLRACE_SINK_URI and sasl-password in MILLRACE_SINK_URI mean the same and were given two different values: keep one of them',
    ]);
  });

  it('refuses what has no option here by name', () => {
    for (const name of ['kafka-version', 'dial-timeout', 'max-retry', 'schema-registry', 'avro-decimal-handling-mode']) {
      assert.deepEqual(read(`kafka://h/t?${name}=1`).problems, [`MILLRACE_SINK_URI: the parameter ${name} is not supported yet`]);
    }
    assert.deepEqual(read('kafka://h/t?requierd-acks=1').problems, [
      'MILLRACE_SINK_URI: a parameter is not an option; did you mean required-acks?',
    ]);
    for (const name of ['source-url', 'state-dir', 'sink-uri', 'config', 'kafka-socket-timeout-ms']) {
      assert.match(read(`kafka://h/t?${name}=1`).problems[0]!, /^MILLRACE_SINK_URI: a parameter is not an option; /, name);
    }
    assert.match(read('kafka+ssl://h/t').problems[0]!, /enable-tls=true/);
    assert.match(read('mysql://h/t').problems[0]!, /the scheme mysql/);
  });

  it('that cannot be read never shows a password', () => {
    const uris = [
      'hunter2',
      'kafka://u:hunter2@h',
      'kafka://u:hun/hunter2@h/t',
      'kafka://u:hunter2%zz@h/t',
      'kafka://u:p@h/t?sasl-password=a&hunter2',
      'kafka://u:p@h/t?sasl-password=a&hunter2=x',
      'kafka://u:p@h/t?sasl-password=hunter2%',
      'kafka://u:p?hunter2@h/t',
      'kafka://u:hunter2#x@h/t',
    ];
    for (const text of uris) {
      const { problems } = read(text);
      assert.ok(problems.length > 0, text);
      assert.doesNotMatch(problems.join('\n'), /hunter2/, text);
    }
  });
});
