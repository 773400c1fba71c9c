import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { configOf, problemsOf } from './support.ts';

function problems(env: Readonly<Record<string, string>>): string[] {
  return problemsOf(() => configOf(prefixed(env)));
}

function prefixed(env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [`MILLRACE_${name}`, value]));
}

const SCRAM = { SASL_MECHANISM: 'scram-sha-512', SASL_USERNAME: 'u', SASL_PASSWORD: 'p' };
const KERBEROS = { SASL_MECHANISM: 'GSSAPI', SASL_KERBEROS_KEYTAB: '/k', SASL_KERBEROS_PRINCIPAL: 'p' };
const CERTIFICATE = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
const KEY = '-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIC\n-----END ENCRYPTED PRIVATE KEY-----\n';

describe('login and TLS that cannot work', () => {
  const cases: readonly (readonly [env: Record<string, string>, expected: RegExp, count?: number])[] = [
    [{ CERT: '/c' }, /^MILLRACE_CERT is given without MILLRACE_SSL_KEY_LOCATION/],
    [{ KEY: '/k' }, /^MILLRACE_KEY is given without MILLRACE_SSL_CERTIFICATE_LOCATION/],
    [{ KAFKA_SSL: 'false', CA: '/ca' }, /^MILLRACE_CA asks for TLS and MILLRACE_KAFKA_SSL rules it out/],
    [{ SECURITY_PROTOCOL: 'SASL_PLAINTEXT', ...SCRAM, CA: '/ca' }, /^MILLRACE_CA asks for TLS and MILLRACE_SECURITY_PROTOCOL rules it out/],
    [{ SECURITY_PROTOCOL: 'SSL', ...SCRAM }, /^MILLRACE_SECURITY_PROTOCOL: given "SSL", .*MILLRACE_SASL_MECHANISM .* accepted: SASL_SSL$/],
    [{ SECURITY_PROTOCOL: 'SASL_SSL' }, /^MILLRACE_SASL_MECHANISM is missing: MILLRACE_SECURITY_PROTOCOL needs it/],
    [{ SASL_USER: 'u' }, /^MILLRACE_SASL_MECHANISM is missing: MILLRACE_SASL_USER needs it/],
    [{ SASL_MECHANISM: 'PLAIN', SASL_USERNAME: 'u' }, /^MILLRACE_SASL_PASSWORD is missing: PLAIN needs it$/],
    [{ SASL_MECHANISM: 'DIGEST', SASL_USERNAME: 'u' }, /^MILLRACE_SASL_MECHANISM: given "DIGEST", accepted: PLAIN, /],
    [{ CA: '/ca', SSL_CA_PEM: CERTIFICATE }, /^MILLRACE_CA and MILLRACE_SSL_CA_PEM are both given: keep one of them$/],
    [{ SSL_KEY_PASSWORD: 'p' }, /^MILLRACE_SSL_KEY_PASSWORD is given without MILLRACE_SSL_KEY_LOCATION/],
    [{ SSL_KEY_PEM: KEY }, /^MILLRACE_SSL_KEY_PEM is given without MILLRACE_SSL_CERTIFICATE_LOCATION/],
    [
      { ...SCRAM, SASL_KERBEROS_KEYTAB: '/k' },
      /^MILLRACE_SASL_KERBEROS_KEYTAB is for GSSAPI, and MILLRACE_SASL_MECHANISM is SCRAM-SHA-512$/,
    ],
    [
      { SASL_MECHANISM: 'OAUTHBEARER' },
      /^MILLRACE_SASL_OAUTH_TOKEN_URL or MILLRACE_SASL_OAUTH_TOKEN_FILE is missing: OAUTHBEARER needs one/,
    ],
    [
      { SASL_MECHANISM: 'OAUTHBEARER', SASL_OAUTH_TOKEN_URL: 'http://x', SASL_OAUTH_CLIENT_ID: 'u' },
      /^MILLRACE_SASL_OAUTH_CLIENT_SECRET is missing/,
    ],
    [
      { SASL_MECHANISM: 'OAUTHBEARER', SASL_OAUTH_TOKEN_URL: 'login' },
      /MILLRACE_SASL_OAUTH_TOKEN_URL: given "login", accepted: an http/,
      3,
    ],
    [{ SASL_MECHANISM: 'GSSAPI', SASL_KERBEROS_KEYTAB: '/k' }, /^MILLRACE_SASL_KERBEROS_PRINCIPAL is missing: GSSAPI needs it$/],
    [
      { SASL_MECHANISM: 'GSSAPI', SASL_KERBEROS_KEYTAB: '/$(x)', SASL_KERBEROS_PRINCIPAL: 'p' },
      /^MILLRACE_SASL_KERBEROS_KEYTAB: accepted: a path/,
    ],
    [{ ...KERBEROS, SASL_GSSAPI_AUTH_TYPE: 'user' }, /^MILLRACE_SASL_GSSAPI_AUTH_TYPE: given "user", a password cannot be used/],
    [{ ...KERBEROS, SASL_GSSAPI_PASSWORD: 'p' }, /^MILLRACE_SASL_GSSAPI_PASSWORD: librdkafka logs in by keytab/],
    [{ SECURITY_PROTOCOL: 'TLS' }, /^MILLRACE_SECURITY_PROTOCOL: given "TLS", accepted: PLAINTEXT, .*, true, false$/],
  ];

  it('are one problem each, which names what was given', () => {
    for (const [env, expected, count = 1] of cases) {
      const found = problems(env);
      assert.equal(found.length, count, JSON.stringify([env, found]));
      assert.match(found[0]!, expected);
    }
  });

  it('never show a password', () => {
    const found = problems({ SASL_PASSWORD: 'hunter2', KAFKA_SASL_PASSWORD: 'hunter3' });
    assert.doesNotMatch(found.join('\n'), /hunter/);
    assert.match(found.join('\n'), /MILLRACE_SASL_PASSWORD and MILLRACE_KAFKA_SASL_PASSWORD mean the same/);
  });
});
