import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { REDACTED, createRedactor, redactPatterns } from '../../../engine/control/redact.ts';

describe('patterns', () => {
  const rows = [
    ['postgres://app:pw@db/shop', 'postgres://app:***@db/shop'],
    ['at postgres://app:p@w:x@db:5432/shop failed', 'at postgres://app:***@db:5432/shop failed'],
    ['https://user:pw@registry/', 'https://user:***@registry/'],
    ['postgres://app@db/shop', 'postgres://app@db/shop'],
    ['?sslmode=require&password=a%26b&x=1', '?sslmode=require&password=***&x=1'],
    ['sslpassword=x', 'sslpassword=***'],
    ['sasl.password = "a b"', 'sasl.password = ***'],
    ["password='it''s' host=db", 'password=*** host=db'],
    ['{"sasl.password": "a\\"b","x":1}', '{"sasl.password": "***","x":1}'],
    ['sasl.oauthbearer.client.secret=abc', 'sasl.oauthbearer.client.secret=***'],
    ['password authentication failed for user "app"', 'password authentication failed for user "app"'],
    ['accepted: postgres://user:password@host:port/database', 'accepted: postgres://user:password@host:port/database'],
  ] as const;
  for (const [text, expected] of rows) it(text, () => assert.equal(redactPatterns(text), expected));
});

describe('known secrets', () => {
  it('are hidden however they are written', () => {
    const redact = createRedactor(['p@ss w/rd"\\']);
    for (const spelling of ['p@ss w/rd"\\', 'p%40ss%20w%2Frd%22%5C', JSON.stringify('p@ss w/rd"\\').slice(1, -1)]) {
      assert.equal(redact(`<${spelling}>`), '<***>');
    }
    assert.equal(createRedactor(['p%40ss'])('<p@ss>'), '<***>');
  });

  it('are hidden whole when one begins with another', () => {
    assert.equal(createRedactor(['word', 'word-and-more'])('word-and-more word'), '*** ***');
  });

  it('of several lines are hidden line by line', () => {
    const key = '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\nAQ==\n-----END PRIVATE KEY-----\n';
    assert.doesNotMatch(createRedactor([key])('x MIIEvQIBADANBgkqhkiG9w0BAQEFAASC y'), /MIIE/);
  });

  it('of less than four characters are left to the patterns', () => {
    assert.equal(createRedactor(['abc'])('abc postgres://u:abc@h/d'), `abc postgres://u:${REDACTED}@h/d`);
  });

  it('never appear, whatever they are and wherever they stand', () => {
    const secret = fc.string({ minLength: 8, maxLength: 40, unit: 'binary' }).filter((text) => text.trim().length >= 4);
    const around = fc.string({ maxLength: 10 });
    fc.assert(
      fc.property(secret, around, around, (password, before, after) => {
        const redact = createRedactor([password]);
        for (const written of [password, encodeURIComponent(password), JSON.stringify(password).slice(1, -1)]) {
          assert.ok(!redact(before + written + after).includes(written));
        }
      }),
      { numRuns: 2000 },
    );
  });
});
