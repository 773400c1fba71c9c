import assert from 'node:assert/strict';
import test, { describe } from 'node:test';
import { parseConnectionUrl, type Environment } from '../../../../engine/source/postgres/url.ts';

const BASE = 'postgresql://ann:secret@db.example:6000/shop';

function parse(url: string, env: Environment = {}) {
  return parseConnectionUrl(url, env).settings;
}

describe('what stands where', () => {
  test('everything given', () => {
    const settings = parse(BASE);
    assert.deepEqual(settings.servers, [{ host: 'db.example', port: 6000 }]);
    assert.deepEqual([settings.user, settings.password, settings.database], ['ann', 'secret', 'shop']);
    assert.equal(settings.applicationName, 'millrace');
  });

  test('escapes in every part, colons in the password', () => {
    const settings = parse('postgres://a%40b:p%2Fw%3A%25:x@db/d%20b');
    assert.deepEqual([settings.user, settings.password, settings.database], ['a@b', 'p/w:%:x', 'd b']);
  });

  test('the port is 5432, the password in the environment or looked up', () => {
    assert.deepEqual(parse('postgresql://ann@db/shop').servers, [{ host: 'db', port: 5432 }]);
    assert.equal(parse('postgresql://ann@db/shop').password, null);
    assert.equal(parse('postgresql://ann@db/shop', { PGPASSWORD: 'env' }).password, 'env');
    assert.equal(parse('postgresql://ann:url@db/shop', { PGPASSWORD: 'env' }).password, 'url');
    assert.equal(parse('postgresql://ann@db/shop?passfile=/f', { PGPASSFILE: '/g' }).passwordFile, '/f');
    assert.equal(parse('postgresql://ann@db/shop', { PGPASSFILE: '/g' }).passwordFile, '/g');
    assert.equal(parse('postgresql://ann@db/shop', { HOME: '/home/ann' }).passwordFile, '/home/ann/.pgpass');
  });

  test('Unix sockets: as a parameter or escaped', () => {
    const expected = [{ host: '/run/pg', port: 5433 }];
    assert.deepEqual(parse('postgresql://ann@/shop?host=/run/pg&port=5433').servers, expected);
    assert.deepEqual(parse('postgresql://ann@%2Frun%2Fpg:5433/shop').servers, expected);
    assert.deepEqual(parse('postgresql:///shop?user=ann&host=/run/pg&port=5433').servers, expected);
  });

  test('several hosts, with one port or each its own; IPv6', () => {
    assert.deepEqual(parse('postgresql://ann@a,b:6000,[::1]:7000/shop?target_session_attrs=read-write').servers, [
      { host: 'a', port: 5432 },
      { host: 'b', port: 6000 },
      { host: '::1', port: 7000 },
    ]);
    assert.deepEqual(parse('postgresql://ann@/shop?host=a,b&port=7').servers, [
      { host: 'a', port: 7 },
      { host: 'b', port: 7 },
    ]);
    assert.equal(parse('postgresql://ann@a,b/shop?target_session_attrs=primary').sessionKind, 'primary');
  });

  test('parameters win over what stands before them', () => {
    const settings = parse(
      `${BASE}?user=bob&password=pw&dbname=other&host=h&port=1&application_name=app&options=-c%20x%3D1&connect_timeout=3`,
    );
    assert.deepEqual(
      [settings.user, settings.password, settings.database, settings.servers[0]],
      ['bob', 'pw', 'other', { host: 'h', port: 1 }],
    );
    assert.deepEqual([settings.applicationName, settings.options, settings.connectTimeoutMs], ['app', '-c x=1', 3000]);
  });
});

describe('encryption', () => {
  const modeOf = (query: string, env: Environment = {}) => parse(`${BASE}${query}`, env).ssl.mode;

  test('is off unless something asks for it, and then verifies everything', () => {
    assert.equal(modeOf(''), 'disable');
    for (const query of ['?ssl=true', '?sslrootcert=/ca.pem', '?sslrootcert=system', '?sslcert=/c&sslkey=/k', '?sslnegotiation=direct']) {
      assert.equal(modeOf(query), 'verify-full', query);
      assert.deepEqual(parseConnectionUrl(`${BASE}${query}`, {}).warnings, []);
    }
    assert.equal(modeOf('', { PGSSLROOTCERT: '/ca.pem' }), 'verify-full');
    assert.equal(modeOf('?ssl=false&sslrootcert=/ca.pem'), 'disable');
  });

  test('an explicit mode is what it says, with a warning below verify-full', () => {
    for (const mode of ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full']) {
      const { settings, warnings } = parseConnectionUrl(`${BASE}?sslmode=${mode}&sslrootcert=/ca.pem`, {});
      assert.equal(settings.ssl.mode, mode);
      assert.equal(warnings.length, ['disable', 'verify-full'].includes(mode) ? 0 : 1, mode);
    }
    assert.equal(modeOf('', { PGSSLMODE: 'require' }), 'require');
    assert.equal(modeOf('?sslmode=verify-full', { PGSSLMODE: 'require' }), 'verify-full');
  });
});

describe('what cannot be used is a named error that does not tell the password', () => {
  const cases: Record<string, string> = {
    'another database': 'mysql://ann:secret@db/shop',
    'no URL': 'db:5432 secret',
    'no user': 'postgresql://db/shop',
    'no database': 'postgresql://ann:secret@db',
    'no host': 'postgresql://ann:secret@/shop',
    'a port that is none': 'postgresql://ann:secret@db:x/shop',
    'port 0': 'postgresql://ann:secret@db:0/shop',
    'port 65536': 'postgresql://ann:secret@db:65536/shop',
    'IPv6 without brackets': 'postgresql://ann:secret@::1/shop',
    'an unknown parameter': `${BASE}?sslmod=require`,
    'a parameter twice': `${BASE}?user=a&user=b`,
    'an unknown mode': `${BASE}?sslmode=on`,
    'ssl that is neither on nor off': `${BASE}?ssl=yes`,
    'a key without certificate': `${BASE}?sslkey=/k`,
    'direct negotiation without TLS': `${BASE}?sslnegotiation=direct&sslmode=prefer`,
    'hosts and ports that do not fit': `${BASE}?host=a,b,c&port=1,2`,
    'a timeout that is no number': `${BASE}?connect_timeout=soon`,
    'a broken escape': 'postgresql://ann:secret%@db/shop',
    'a kind of session that is not supported': `${BASE}?target_session_attrs=prefer-standby`,
    'channel binding by force': `${BASE}?channel_binding=require`,
  };
  for (const [name, url] of Object.entries(cases)) {
    test(name, () => {
      assert.throws(
        () => parse(url),
        (error: { code?: string; message: string }) => error.code === 'SOURCE_URL_INVALID' && !error.message.includes('secret'),
      );
    });
  }
});
