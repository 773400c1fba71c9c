import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { certificates } from '../../support/certificates.ts';
import { KAFKA_USER, type KafkaListener } from '../../support/kafka-properties.ts';
import { startKafka, type KafkaServer } from '../../support/kafka.ts';
import { freePort } from '../../support/ports.ts';
import { skipUnless } from '../../support/skip.ts';
import { finding, passes, sink, type Options } from './support.ts';

/** An address that is this machine's, and where the broker does not listen. */
const ELSEWHERE = '127.0.0.2';
const LISTENERS: Readonly<Record<string, KafkaListener>> = {
  CLEAR: { protocol: 'SASL_PLAINTEXT', mechanisms: ['PLAIN', 'SCRAM-SHA-512'] },
  LOCKED: { protocol: 'SASL_SSL', mechanisms: ['PLAIN', 'SCRAM-SHA-512'] },
  TLS: { protocol: 'SSL' },
  LOST: { protocol: 'SSL', host: ELSEWHERE },
};

describe('millrace check: to Kafka', { skip: skipUnless('kafka') }, () => {
  let broker: KafkaServer;
  let ca: string;
  let otherCa: string;
  before(async () => {
    ({ ca, otherCa } = await certificates());
    broker = await startKafka({ listeners: LISTENERS });
    await broker.createTopic('shop');
  });
  after(() => broker.destroy());

  const at = async (listener: string, options: Options = {}) =>
    await sink({ BOOTSTRAP_SERVERS: broker.addressOf(listener).replace(ELSEWHERE, '127.0.0.1'), ...options });
  const LOGIN = { SASL_USERNAME: KAFKA_USER.name, SASL_PASSWORD: KAFKA_USER.password };

  it('resolve and bootstrap: none of the addresses fails, one of two warns', async () => {
    const closed = `127.0.0.1:${await freePort()}`;
    const lost = await sink({ BOOTSTRAP_SERVERS: 'host.invalid:9092' });
    assert.match(finding(lost, 'resolve', 'fail').found, /host\.invalid has no address/);
    const refused = await sink({ BOOTSTRAP_SERVERS: closed });
    assert.equal(finding(refused, 'bootstrap', 'fail').code, 'KAFKA_UNREACHABLE');
    assert.deepEqual([...new Set(refused.slice(2).map(({ state }) => state))], ['skipped']);
    const half = await sink({ BOOTSTRAP_SERVERS: `${broker.bootstrapServers},${closed},host.invalid` });
    assert.match(finding(half, 'resolve', 'warn').found, /host\.invalid/);
    assert.match(finding(half, 'bootstrap', 'warn').found, new RegExp(`${closed} \\(ECONNREFUSED\\), host\\.invalid:9092 \\(E`));
    const all = await sink({ BOOTSTRAP_SERVERS: broker.bootstrapServers });
    passes(all, 'resolve', 'bootstrap', 'tls', 'login', 'listeners', 'topic', 'partitions');
    assert.match(all.find(({ step }) => step === 'listeners')!.found, new RegExp(`^broker 1 at 127\\.0\\.0\\.1:${broker.port}$`));
  });

  it('tls: a certificate of another authority fails, and passes with the right one; unverified warns', async () => {
    const foreign = finding(await at('TLS', { SSL_CA_LOCATION: otherCa }), 'tls', 'fail');
    assert.equal(foreign.code, 'KAFKA_TLS_FAILED');
    assert.match(foreign.found, /certificate .* is not taken: it is not signed by an authority that is trusted here/);
    assert.match(foreign.remedies[0]!.text, /MILLRACE_SSL_CA_LOCATION/);
    passes(await at('TLS', { SSL_CA_LOCATION: ca }), 'tls', 'login', 'listeners', 'topic');
    const unverified = await at('TLS', { SECURITY_PROTOCOL: 'SSL', INSECURE_SKIP_VERIFY: 'true' });
    assert.match(finding(unverified, 'tls', 'warn').found, /not verified/);
  });

  it('tls: a listener of another protocol fails, whichever of the two speaks TLS', async () => {
    finding(await sink({ BOOTSTRAP_SERVERS: broker.bootstrapServers, SSL_CA_LOCATION: ca }), 'tls', 'fail');
    const plain = finding(await at('TLS'), 'tls', 'fail');
    assert.match(plain.remedies[0]!.text, /MILLRACE_SECURITY_PROTOCOL/);
  });

  it('login: a wrong password fails and is not shown, PLAIN in clear text warns', async () => {
    const scram = { SASL_MECHANISM: 'SCRAM-SHA-512', SSL_CA_LOCATION: ca, ...LOGIN };
    const refused = await at('LOCKED', { ...scram, SASL_PASSWORD: 'other-word' });
    assert.ok(!JSON.stringify(refused).includes('other-word'));
    assert.equal(finding(refused, 'login', 'fail').code, 'KAFKA_LOGIN_REFUSED');
    assert.match(finding(refused, 'login', 'fail').found, /[Aa]uthentication failed/);
    passes(refused, 'tls');
    passes(await at('LOCKED', scram), 'tls', 'login', 'topic');
    const clear = await at('CLEAR', { SASL_MECHANISM: 'PLAIN', ...LOGIN });
    assert.match(finding(clear, 'login', 'warn').remedies[0]!.text, /SASL_SSL/);
    passes(await at('CLEAR', { SASL_MECHANISM: 'SCRAM-SHA-512', ...LOGIN }), 'login');
  });

  it('listeners: addresses that the broker advertises and nobody reaches fail, and pass once advertised.listeners is mended', async () => {
    const steps = await at('LOST', { SSL_CA_LOCATION: ca });
    passes(steps, 'resolve', 'bootstrap', 'tls', 'login');
    const lost = finding(steps, 'listeners', 'fail');
    assert.equal(lost.code, 'KAFKA_LISTENERS');
    assert.match(lost.found, /broker 1 at 127\.0\.0\.2:\d+ \(ECONNREFUSED\)\. That is advertised\.listeners/);
    assert.match(lost.remedies[0]!.text, /in server\.properties of broker 1, set advertised\.listeners/);
    assert.equal(steps.find(({ step }) => step === 'topic')!.found, 'listeners failed');
    const file = join(dirname(broker.dataDir), 'server.properties');
    const properties = readFileSync(file, 'utf8');
    writeFileSync(file, properties.replace(ELSEWHERE, '127.0.0.1'));
    await broker.stop();
    await broker.start();
    passes(await at('LOST', { SSL_CA_LOCATION: ca }), 'listeners', 'topic');
  });
});
