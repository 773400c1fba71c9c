import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sourceUrl, startPosition, tableName, tables } from '../../../../engine/control/config/parse-source.ts';
import { Refused } from '../../../../engine/control/config/parse.ts';

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

  it('is one of any source, and read by the rules of that', () => {
    for (const url of ['mysql://u:p@h', 'mariadb://u@h1:3306,h2/d?ssl-mode=VERIFY_CA&timeout=10s']) assert.equal(type.parse(url, '/'), url);
    assert.match(refusal(type.parse('mysql://u:p@h?ssl-mode=PREFERRED', '/')), /ssl-mode=PREFERRED/);
    assert.match(refusal(type.parse('mariadb://h/d', '/')), /names no user/);
    assert.match(refusal(type.parse('oracle://u:p@h/d', '/')), /does not have the form/);
  });

  it('that is malformed says why without a piece of the password', () => {
    const secret = [
      'postgres://u:hun/ter2@h/d',
      'postgres://u:hun?ter2@h/d',
      'postgres://u:x@h/d?password=hun&ter2',
      'postgres://u:hun@ter2@h/d',
      'hunter2',
      'mariadb://u:hun/ter2@h/d',
      'mysql://u:x@h/d?password=hun&ter2',
    ];
    for (const url of secret) assert.doesNotMatch(refusal(type.parse(url, '/')), /hun|ter2/, url);
    assert.match(refusal(type.parse('postgres://u:p@h/d?sslmode=strict', '/')), /sslmode=strict/);
    assert.match(refusal(type.parse('postgres://u:p@h', '/')), /names no database/);
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

describe('a start position', () => {
  it('is read as the source takes it, or refused with what is accepted', () => {
    assert.deepEqual(startPosition().parse('oldest', '/'), { kind: 'oldest' });
    assert.deepEqual(startPosition().parse('log.000001:4', '/'), { kind: 'place', file: 'log.000001', offset: 4 });
    assert.ok(startPosition().parse('yesterday', '/') instanceof Refused);
    assert.match(startPosition().accepted, /`newest`/);
  });
});
