import assert from 'node:assert/strict';
import test, { describe } from 'node:test';
import { parseConnectionUrl } from '../../../../engine/source/mysql/url.ts';

const BASE = 'mariadb://ann:secret@db.example:3307/shop';

function parse(url: string) {
  return parseConnectionUrl(url).settings;
}

function refused(url: string, message: RegExp): void {
  assert.throws(
    () => parse(url),
    (error: Error & { code?: string }) => {
      assert.equal(error.code, 'SOURCE_URL_INVALID');
      assert.match(error.message, message);
      assert.doesNotMatch(error.message, /secret/);
      return true;
    },
  );
}

describe('what stands where', () => {
  test('everything given', () => {
    const settings = parse(BASE);
    assert.deepEqual(settings.servers, [{ host: 'db.example', port: 3307 }]);
    assert.deepEqual([settings.flavor, settings.user, settings.password, settings.database], ['mariadb', 'ann', 'secret', 'shop']);
    assert.equal(parse(BASE.replace('mariadb', 'mysql')).flavor, 'mysql');
  });

  test('what may be left out', () => {
    const settings = parse('mysql://ann@db');
    assert.deepEqual(settings.servers, [{ host: 'db', port: 3306 }]);
    assert.deepEqual([settings.password, settings.database, settings.ssl.mode, settings.timeoutMs], [null, null, 'DISABLED', 10_000]);
  });

  test('escapes in every part, colons in the password', () => {
    const settings = parse('mysql://a%40b:p%2Fw%3A%25:x@db/d%20b');
    assert.deepEqual([settings.user, settings.password, settings.database], ['a@b', 'p/w:%:x', 'd b']);
  });

  test('Unix sockets, several hosts, IPv6', () => {
    const expected = [{ host: '/run/mysqld/s.sock', port: 0 }];
    assert.deepEqual(parse('mysql://ann@/shop?socket=/run/mysqld/s.sock').servers, expected);
    assert.deepEqual(parse('mysql://ann@%2Frun%2Fmysqld%2Fs.sock/shop').servers, expected);
    assert.deepEqual(parse('mysql://ann@a,b:6000,[::1]:7000').servers, [
      { host: 'a', port: 3306 },
      { host: 'b', port: 6000 },
      { host: '::1', port: 7000 },
    ]);
  });

  test('parameters win over what stands before them; - and _ are alike; timeouts with or without s', () => {
    const settings = parse(`${BASE}?user=bob&password=pw&database=other&timeout=3s&ssl_mode=verify_ca`);
    assert.deepEqual([settings.user, settings.password, settings.database], ['bob', 'pw', 'other']);
    assert.deepEqual([settings.timeoutMs, settings.ssl.mode], [3000, 'VERIFY_CA']);
    assert.equal(parse(`${BASE}?timeout=7`).timeoutMs, 7000);
  });
});

test('TLS verifies everything once it is on', () => {
  for (const on of ['ssl=true', 'ssl-ca=/ca.pem', 'ssl-cert=/c.pem&ssl-key=/k.pem']) {
    assert.equal(parse(`${BASE}?${on}`).ssl.mode, 'VERIFY_IDENTITY', on);
  }
  assert.equal(parse(`${BASE}?ssl=false&ssl-ca=/ca.pem`).ssl.mode, 'DISABLED');
  assert.deepEqual(parseConnectionUrl(`${BASE}?ssl-mode=required`).warnings, [
    'ssl-mode=REQUIRED: the connection is encrypted, but the server is not verified. Use ssl-mode=VERIFY_IDENTITY.',
  ]);
  assert.deepEqual(parseConnectionUrl(`${BASE}?ssl-mode=VERIFY_IDENTITY`).warnings, []);
});

test('what is refused says why, without the password', () => {
  refused('mariadb://db/shop?password=secret', /names no user/);
  refused('mariadb://ann:secret@/shop', /names no host/);
  refused('postgres://ann:secret@db/shop', /does not have the form/);
  refused(`${BASE}?compress=true`, /compressed protocol/);
  refused(`${BASE}?ssl-mode=PREFERRED`, /accepted are DISABLED, REQUIRED, VERIFY_CA, VERIFY_IDENTITY/);
  refused(`${BASE}?sslrootcert=/x`, /`sslrootcert` is not known; accepted are/);
  refused(`${BASE}?timeout=0`, /number of seconds/);
  refused(`${BASE}?timeout=soon`, /number of seconds/);
  refused(`${BASE}?ssl-cert=/x`, /go together/);
  refused(`${BASE}?socket=run`, /absolute path/);
  refused(`${BASE}?ssl=yes`, /accepted are true, false/);
  refused(`${BASE}?user=a&user=b`, /twice/);
  refused('mariadb://ann:secret@db:0/shop', /port/);
  refused('mariadb://ann:secret@db/%zz', /%25/);
});
