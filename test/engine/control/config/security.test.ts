import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { configOf, problemsOf } from './support.ts';

/** What librdkafka is given for a login and for TLS; the names without `MILLRACE_`. */
function security(env: Readonly<Record<string, string>>): Record<string, string> {
  const { properties } = configOf(prefixed(env)).kafka;
  return Object.fromEntries(Object.entries(properties).filter(([name]) => /^(security|sasl|ssl)\./.test(name)));
}

function problems(env: Readonly<Record<string, string>>): string[] {
  return problemsOf(() => configOf(prefixed(env)));
}

function prefixed(env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [`MILLRACE_${name}`, value]));
}

const SCRAM = { SASL_MECHANISM: 'scram-sha-512', SASL_USERNAME: 'u', SASL_PASSWORD: 'p' };
const LOGIN = { 'sasl.mechanism': 'SCRAM-SHA-512', 'sasl.username': 'u', 'sasl.password': 'p' };

describe('login and TLS', () => {
  it('are nothing when nothing is given', () => {
    assert.deepEqual(security({}), {});
  });

  it('are as the protocol says when it is named', () => {
    assert.deepEqual(security({ SECURITY_PROTOCOL: 'ssl' }), { 'security.protocol': 'SSL' });
    assert.deepEqual(security({ SECURITY_PROTOCOL: 'PLAINTEXT' }), { 'security.protocol': 'PLAINTEXT' });
    assert.deepEqual(security({ SECURITY_PROTOCOL: 'SASL_SSL', ...SCRAM }), { 'security.protocol': 'SASL_SSL', ...LOGIN });
  });

  it('follow from a mechanism and from files', () => {
    assert.deepEqual(security(SCRAM), { 'security.protocol': 'SASL_PLAINTEXT', ...LOGIN });
    assert.deepEqual(security({ CA: 'ca.pem' }), { 'security.protocol': 'SSL', 'ssl.ca.location': '/srv/ca.pem' });
    assert.deepEqual(security({ ...SCRAM, CERT: '/c', KEY: '/k' }), {
      'security.protocol': 'SASL_SSL',
      ...LOGIN,
      'ssl.certificate.location': '/c',
      'ssl.key.location': '/k',
    });
    assert.deepEqual(security({ SASL_MECHANISM: 'OAUTHBEARER', KAFKA_SASL_OAUTHBEARER_METHOD: 'oidc' }), {
      'security.protocol': 'SASL_PLAINTEXT',
      'sasl.mechanism': 'OAUTHBEARER',
      'sasl.oauthbearer.method': 'oidc',
    });
  });

  it('take true and false for TLS alone, by the names that others have for it', () => {
    for (const name of ['ENABLE_TLS', 'KAFKA_SSL', 'SECURITY_PROTOCOL']) {
      assert.deepEqual(security({ [name]: 'true' }), { 'security.protocol': 'SSL' }, name);
      assert.deepEqual(security({ [name]: 'true', ...SCRAM }), { 'security.protocol': 'SASL_SSL', ...LOGIN }, name);
      assert.deepEqual(security({ [name]: 'false', ...SCRAM }), { 'security.protocol': 'SASL_PLAINTEXT', ...LOGIN }, name);
      assert.deepEqual(security({ [name]: 'false' }), {}, name);
    }
  });

  it('have the names of all three exporters', () => {
    const spellings = [
      ['KAFKA_SASL_MECHANISM', 'KAFKA_SASL_USER', 'KAFKA_SASL_PASSWORD', 'KAFKA_SSL_CA', 'KAFKA_SSL_CERT', 'KAFKA_SSL_KEY'],
      ['SASL_MECHANISM', 'SASL_USER', 'SASL_PASSWORD', 'CA', 'CERT', 'KEY'],
      ['SASL_MECHANISM', 'SASL_USERNAME', 'SASL_PASSWORD', 'SSL_CA_LOCATION', 'SSL_CERTIFICATE_LOCATION', 'SSL_KEY_LOCATION'],
    ];
    const values = ['PLAIN', 'u', 'p', '/ca', '/cert', '/key'];
    const all = spellings.map((names) => security(Object.fromEntries(names.map((name, i) => [name, values[i]!]))));
    assert.equal(Object.keys(all[0]!).length, 7);
    assert.deepEqual(all[1], all[0]);
    assert.deepEqual(all[2], all[0]);
  });
});

describe('login and TLS that cannot work', () => {
  const cases: readonly (readonly [Record<string, string>, RegExp])[] = [
    [{ CERT: '/c' }, /^MILLRACE_CERT is given without MILLRACE_SSL_KEY_LOCATION/],
    [{ KEY: '/k' }, /^MILLRACE_KEY is given without MILLRACE_SSL_CERTIFICATE_LOCATION/],
    [{ KAFKA_SSL: 'false', CA: '/ca' }, /^MILLRACE_CA asks for TLS and MILLRACE_KAFKA_SSL rules it out/],
    [{ SECURITY_PROTOCOL: 'SASL_PLAINTEXT', ...SCRAM, CA: '/ca' }, /^MILLRACE_CA asks for TLS and MILLRACE_SECURITY_PROTOCOL rules it out/],
    [{ SECURITY_PROTOCOL: 'SSL', ...SCRAM }, /^MILLRACE_SECURITY_PROTOCOL: given "SSL", .*MILLRACE_SASL_MECHANISM .* accepted: SASL_SSL$/],
    [{ SECURITY_PROTOCOL: 'SASL_SSL' }, /^MILLRACE_SASL_MECHANISM is missing: MILLRACE_SECURITY_PROTOCOL needs it/],
    [{ SASL_USER: 'u' }, /^MILLRACE_SASL_MECHANISM is missing: MILLRACE_SASL_USER needs it/],
    [{ SASL_MECHANISM: 'PLAIN', SASL_USERNAME: 'u' }, /^MILLRACE_SASL_PASSWORD is missing: PLAIN needs it$/],
    [{ SASL_MECHANISM: 'DIGEST', SASL_USERNAME: 'u' }, /^MILLRACE_SASL_MECHANISM: given "DIGEST", accepted: PLAIN, /],
    [{ SECURITY_PROTOCOL: 'TLS' }, /^MILLRACE_SECURITY_PROTOCOL: given "TLS", accepted: PLAINTEXT, .*, true, false$/],
  ];

  it('are one problem each, which names what was given', () => {
    for (const [env, expected] of cases) {
      const found = problems(env);
      assert.equal(found.length, 1, JSON.stringify([env, found]));
      assert.match(found[0]!, expected);
    }
  });

  it('never show a password', () => {
    const found = problems({ SASL_PASSWORD: 'hunter2', KAFKA_SASL_PASSWORD: 'hunter3' });
    assert.doesNotMatch(found.join('\n'), /hunter/);
    assert.match(found.join('\n'), /MILLRACE_SASL_PASSWORD and MILLRACE_KAFKA_SASL_PASSWORD mean the same/);
  });
});
