import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hasPassword, secretsIn, sourceUrl, tableName, tables, withPassword } from '../../../../engine/control/config/parse-source.ts';
import { Refused } from '../../../../engine/control/config/parse.ts';
import { parseConnectionUrl } from '../../../../engine/source/postgres/url.ts';

function refusal(value: unknown): string {
  assert.ok(value instanceof Refused, `took ${JSON.stringify(value)}`);
  return value.reason;
}

describe('source URL', () => {
  const type = sourceUrl();

  it('is taken as it is given', () => {
    for (const url of ['postgres://u:p@h:5432/d?sslmode=verify-full', 'postgresql://u@h/d', 'postgres://u@/d?host=/run/postgresql']) {
      assert.equal(type.parse(url, '/'), url);
    }
  });

  it('of another database is refused by its name', () => {
    assert.match(refusal(type.parse('mysql://u:p@h/d', '/')), /mysql is not supported yet/);
    assert.match(refusal(type.parse('mariadb://u:p@h/d', '/')), /mariadb is not supported yet/);
  });

  it('that is malformed says why without a piece of the password', () => {
    const secret = [
      'postgres://u:hun/ter2@h/d',
      'postgres://u:hun?ter2@h/d',
      'postgres://u:x@h/d?password=hun&ter2',
      'postgres://u:hun@ter2@h/d',
      'hunter2',
    ];
    for (const url of secret) assert.doesNotMatch(refusal(type.parse(url, '/')), /hun|ter2/, url);
    assert.match(refusal(type.parse('postgres://u:p@h/d?sslmode=strict', '/')), /sslmode=strict/);
    assert.match(refusal(type.parse('postgres://u:p@h', '/')), /names no database/);
  });

  it('takes a password from elsewhere, whatever its characters', () => {
    for (const url of ['postgres://u@h/d', 'postgres://u@h/d?sslmode=require']) {
      assert.equal(hasPassword(url), false);
      const password = 'p&=?/@#% "\'ü';
      assert.equal(parseConnectionUrl(withPassword(url, password), {}).settings.password, password);
    }
  });

  it('tells its secrets as written and as meant', () => {
    assert.deepEqual(secretsIn('postgres://u:p%40ss@h/d'), ['p@ss', 'p%40ss']);
    assert.deepEqual(secretsIn('postgres://u@h/d?password=a%2Fb&sslcert=c&sslkey=k&sslpassword=k%20w'), ['a/b', 'k w', 'a%2Fb', 'k%20w']);
    assert.deepEqual(secretsIn('postgres://u@h/d'), []);
  });
});

describe('tables', () => {
  it('stay as they were given', () => {
    assert.deepEqual(tables().parse('shop.*, !shop.audit, public."a,b"', '/'), ['shop.*', '!shop.audit', 'public."a,b"']);
  });

  it('that cannot be read are refused with every reason', () => {
    assert.match(refusal(tables().parse('a.b.c, x y', '/')), /`a\.b\.c`.*`x y`/);
    assert.match(refusal(tables().parse('!a.b', '/')), /names no table to export/);
    assert.ok(tables().parse('', '/') instanceof Refused);
  });
});

describe('the name of a table', () => {
  it('is one, and no pattern', () => {
    assert.deepEqual(tableName().parse('shop.signals', '/'), { schema: 'shop', table: 'signals' });
    for (const text of ['', 'shop.*', 'a.b.c']) assert.ok(tableName().parse(text, '/') instanceof Refused, text);
  });
});
