import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  Refused,
  addressOrOff,
  boolean,
  brokers,
  bytes,
  choice,
  duration,
  integer,
  list,
  path,
  text,
  type ValueType,
} from '../../../../engine/control/config/parse.ts';

/** Every text with the value that it means, or with `Refused`. */
function table<T>(type: ValueType<T>, rows: readonly (readonly [given: string, expected: T | typeof Refused])[]): void {
  for (const [given, expected] of rows) {
    it(`${type.name} ${JSON.stringify(given)}`, () => {
      const value = type.parse(given, '/srv');
      if (expected === Refused) assert.ok(value instanceof Refused, `took ${JSON.stringify(value)}`);
      else assert.deepEqual(value, expected);
    });
  }
}

describe('parsers of option values', () => {
  table(text('x', /^[a-c]+$/), [
    ['abc', 'abc'],
    ['', Refused],
    ['abcd', Refused],
  ]);
  table(boolean(), [
    ['true', true],
    ['TRUE', true],
    ['1', true],
    ['false', false],
    ['0', false],
    ['', Refused],
    ['yess', Refused],
    ['2', Refused],
  ]);
  table(integer(1, 64), [
    ['1', 1],
    [' 64 ', 64],
    ['+7', 7],
    ['0', Refused],
    ['65', Refused],
    ['1.5', Refused],
    ['0x10', Refused],
    ['1e1', Refused],
    ['', Refused],
    ['12345678901234567890', Refused],
  ]);
  table(duration('s', 10, 3_600_000), [
    ['10', 10_000],
    ['10s', 10_000],
    ['500ms', 500],
    ['1.5 s', 1500],
    ['2m', 120_000],
    ['2min', 120_000],
    ['1h', 3_600_000],
    ['9ms', Refused],
    ['2h', Refused],
    ['-1', Refused],
    ['10 seconds', Refused],
    ['', Refused],
  ]);
  table(duration('ms', 0, 1000), [
    ['5', 5],
    ['0', 0],
    ['1s', 1000],
  ]);
  table(bytes(1000, 64_000_000_000), [
    ['160MB', 160_000_000],
    ['160mb', 160_000_000],
    ['1MiB', 1_048_576],
    ['1.5kB', 1500],
    ['2000', 2000],
    ['999', Refused],
    ['1TB', Refused],
    ['MB', Refused],
    ['', Refused],
  ]);
  table(addressOrOff(), [
    ['127.0.0.1:8300', { host: '127.0.0.1', port: 8300 }],
    ['localhost:0', { host: 'localhost', port: 0 }],
    ['[::1]:80', { host: '::1', port: 80 }],
    ['OFF', 'off'],
    ['8300', Refused],
    ['host:65536', Refused],
    ['::1:80', Refused],
    ['http://host:80', Refused],
  ]);
  table(brokers(), [
    ['kafka:9092', 'kafka:9092'],
    ['a:1, b:2,c', 'a:1,b:2,c'],
    ['[2001:db8::1]:9092', '[2001:db8::1]:9092'],
    ['', Refused],
    ['a:1,,b:2', Refused],
    ['a:65536', Refused],
    ['user:pw@a:1', Refused],
    ['a b:1', Refused],
  ]);
  table(list('x'), [
    ['a', ['a']],
    [' a.* , b ', ['a.*', 'b']],
    ['s."x,y", "q""r,"', ['s."x,y"', '"q""r,"']],
    ['', Refused],
    ['a,', Refused],
    ['a,"b', Refused],
  ]);
  table(path(), [
    ['state', '/srv/state'],
    ['/var/x', '/var/x'],
    ['', Refused],
    ['a\0b', Refused],
  ]);
});

describe('choice', () => {
  const type = choice(['FULL + INCREMENTAL', 'INCREMENTAL'], { FULL: 'FULL is not supported yet;' });

  it('takes words without regard to case and spaces', () => {
    assert.equal(type.parse('full+incremental', '/'), 'FULL + INCREMENTAL');
    assert.equal(type.parse(' Incremental ', '/'), 'INCREMENTAL');
  });

  it('refuses a word that exists by its name, others without a reason', () => {
    assert.deepEqual(type.parse('full', '/'), new Refused('FULL is not supported yet;'));
    assert.deepEqual(type.parse('half', '/'), new Refused(''));
  });

  it('says which words it takes', () => {
    assert.equal(type.accepted, 'FULL + INCREMENTAL, INCREMENTAL');
    assert.equal(choice(['maxwell']).accepted, 'only maxwell');
  });
});

describe('what is accepted', () => {
  it('names the limits in the units that a user would write', () => {
    assert.match(duration('s', 0, 3_600_000).accepted, /from 0 to 1h/);
    assert.match(duration('ms', 10, 90_000).accepted, /from 10ms to 90s/);
    assert.match(bytes(32_000_000, 64_000_000_000).accepted, /from 32MB to 64GB/);
    assert.match(bytes(1000, 1234).accepted, /from 1kB to 1234 bytes/);
  });
});
