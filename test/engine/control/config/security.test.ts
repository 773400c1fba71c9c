import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { projectRoot } from '../../../support/paths.ts';
import { tempDir } from '../../../support/temp.ts';
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

const CERTIFICATE = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
const KEY = '-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIC\n-----END ENCRYPTED PRIVATE KEY-----\n';

describe('certificates and keys', () => {
  it('are taken as text, too, and turn TLS on', () => {
    const env = { SSL_CA_PEM: CERTIFICATE, SSL_CERTIFICATE_PEM: CERTIFICATE, KAFKA_SSL_KEY_PEM: KEY, SSL_KEY_PASSWORD: 'locked' };
    assert.deepEqual(security(env), {
      'security.protocol': 'SSL',
      'ssl.ca.pem': CERTIFICATE,
      'ssl.certificate.pem': CERTIFICATE,
      'ssl.key.pem': KEY,
      'ssl.key.password': 'locked',
    });
  });

  it('may be half text and half file', () => {
    assert.equal(security({ SSL_CERTIFICATE_PEM: CERTIFICATE, KEY: '/k' })['ssl.key.location'], '/k');
  });

  it('as text are refused when they are none, and a key is not shown', () => {
    assert.match(problems({ SSL_CA_PEM: '/etc/ca.pem' })[0]!, /given "\/etc\/ca.pem", accepted: PEM text/);
    assert.match(problems({ SSL_KEY_PEM: KEY.slice(0, -30), CERT: '/c' })[0]!, /given a value that is not shown, accepted: PEM text/);
  });
});

describe('OAUTHBEARER', () => {
  const client = { SASL_MECHANISM: 'OAUTHBEARER', SASL_OAUTH_CLIENT_ID: 'id', SASL_OAUTH_CLIENT_SECRET: 'secret-of-client' };

  it('gets its token from an endpoint', () => {
    const env = { ...client, SASL_OAUTH_TOKEN_URL: 'https://login/token', SASL_OAUTH_SCOPE: 'kafka', ENABLE_TLS: 'true' };
    assert.deepEqual(security(env), {
      'security.protocol': 'SASL_SSL',
      'sasl.mechanism': 'OAUTHBEARER',
      'sasl.oauthbearer.method': 'oidc',
      'sasl.oauthbearer.token.endpoint.url': 'https://login/token',
      'sasl.oauthbearer.client.id': 'id',
      'sasl.oauthbearer.client.secret': 'secret-of-client',
      'sasl.oauthbearer.scope': 'kafka',
    });
  });

  it('or from a file', () => {
    const { kafka } = configOf(prefixed({ SASL_MECHANISM: 'OAUTHBEARER', SASL_OAUTH_TOKEN_FILE: 'token' }));
    assert.equal(kafka.tokenFile, '/srv/token');
    assert.ok(!('sasl.oauthbearer.method' in kafka.properties));
  });
});

describe('GSSAPI', () => {
  it('has the names of librdkafka and of TiCDC', () => {
    const expected = {
      'security.protocol': 'SASL_PLAINTEXT',
      'sasl.mechanism': 'GSSAPI',
      'sasl.kerberos.keytab': '/k',
      'sasl.kerberos.principal': 'cdc@REALM',
      'sasl.kerberos.service.name': 'kafka',
    };
    const own = { SASL_MECHANISM: 'GSSAPI', SASL_KERBEROS_KEYTAB: '/k', SASL_KERBEROS_PRINCIPAL: 'cdc@REALM' };
    assert.deepEqual(security(own), expected);
    const foreign = { SASL_GSSAPI_KEYTAB_PATH: '/k', SASL_GSSAPI_USER: 'cdc', SASL_GSSAPI_REALM: 'REALM', SASL_GSSAPI_AUTH_TYPE: 'keytab' };
    assert.deepEqual(security({ SASL_MECHANISM: 'gssapi', ...foreign, SASL_GSSAPI_SERVICE_NAME: 'kafka' }), expected);
  });

  it('can have a krb5.conf of its own', () => {
    const env = { SASL_MECHANISM: 'GSSAPI', SASL_KERBEROS_KEYTAB: '/k', SASL_KERBEROS_PRINCIPAL: 'cdc', SASL_KERBEROS_CONFIG: 'krb5.conf' };
    assert.equal(configOf(prefixed(env)).kafka.kerberosConfig, '/srv/krb5.conf');
  });
});

describe('files of secrets', () => {
  it('are remembered by the property that they are for', (t) => {
    const cwd = tempDir(t);
    for (const name of ['password', 'store']) writeFileSync(join(cwd, name), `${name}-secret\n`);
    const files = { MILLRACE_SASL_PASSWORD_FILE: 'password', MILLRACE_KAFKA_SSL_KEYSTORE_PASSWORD_FILE: 'store' };
    const { kafka } = configOf({ MILLRACE_SASL_MECHANISM: 'PLAIN', MILLRACE_SASL_USERNAME: 'u', ...files }, [], cwd);
    assert.deepEqual(kafka.secretFiles, { 'sasl.password': join(cwd, 'password'), 'ssl.keystore.password': join(cwd, 'store') });
    assert.equal(kafka.properties['sasl.password'], 'password-secret');
  });

  it('that a higher level overrides are forgotten', (t) => {
    const cwd = tempDir(t);
    writeFileSync(join(cwd, 'store'), 'secret\n');
    const { kafka } = configOf({ MILLRACE_KAFKA_SSL_KEYSTORE_PASSWORD_FILE: 'store' }, ['--kafka', 'ssl.keystore.password=x'], cwd);
    assert.deepEqual(kafka.secretFiles, {});
  });
});

describe('less safe than it looks', () => {
  const cases: readonly (readonly [Record<string, string>, RegExp])[] = [
    [{ ENABLE_TLS: 'true', INSECURE_SKIP_VERIFY: 'true' }, /^the certificates of the brokers are not verified/],
    [{ CA: '/ca', KAFKA_ENABLE_SSL_CERTIFICATE_VERIFICATION: 'false' }, /^the certificates of the brokers are not verified/],
    [{ CA: '/ca', KAFKA_SSL_ENDPOINT_IDENTIFICATION_ALGORITHM: 'none' }, /^the host names of the brokers are not held against/],
    [{ INSECURE_SKIP_VERIFY: 'true' }, /^MILLRACE_INSECURE_SKIP_VERIFY has no effect/],
    [{ ...SCRAM, SASL_MECHANISM: 'PLAIN' }, /^PLAIN without TLS sends the password to the brokers in clear text$/],
  ];

  it('is warned about, each once', () => {
    for (const [env, expected] of cases) {
      const { warnings } = configOf(prefixed(env));
      assert.equal(warnings.length, 1, JSON.stringify([env, warnings]));
      assert.match(warnings[0]!, expected);
    }
    assert.deepEqual(configOf(prefixed({ ...SCRAM, CA: '/ca' })).warnings, []);
  });

  it('and is what librdkafka is told', () => {
    const { properties } = configOf(prefixed({ ENABLE_TLS: 'true', INSECURE_SKIP_VERIFY: 'true' })).kafka;
    assert.equal(properties['enable.ssl.certificate.verification'], 'false');
  });
});

describe('the examples of docs/security.md', () => {
  const blocks = [...readFileSync(join(projectRoot, 'docs/security.md'), 'utf8').matchAll(/```sh\n([^`]+)```/g)].map(([, text]) => text!);

  it('are configurations that can be used', () => {
    assert.equal(blocks.length, 5);
    for (const block of blocks) {
      const exports = [...block.matchAll(/^export (\w+)=(.+)$/gm)].map(([, name, value]) => [name!, value!] as const);
      assert.equal(exports.length, block.trim().split('\n').length, block);
      // The files of secrets are not here.
      const env = Object.fromEntries(
        exports.map(([name, value]) => (name.endsWith('_TOKEN_FILE') ? [name, value] : [name.replace(/_FILE$/, ''), value])),
      );
      assert.match(configOf(env).kafka.properties['security.protocol']!, /SSL$|^SASL_PLAINTEXT$/, block);
    }
  });
});
