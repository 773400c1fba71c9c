import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  addressIn,
  hasPassword,
  instanceIn,
  kindOfUrl,
  namesIn,
  secretsIn,
  withPassword,
} from '../../../../engine/control/config/source-url.ts';

describe('a source URL', () => {
  it('names its kind of source by its scheme', () => {
    for (const url of ['postgres://u@h/d', 'postgresql://u@h/d', 'POSTGRES://u@h/d', 'hunter2'])
      assert.equal(kindOfUrl(url), 'postgres', url);
    for (const url of ['mysql://u@h', 'MariaDB://u@h']) assert.equal(kindOfUrl(url), 'binlog', url);
  });

  it('takes a password from elsewhere, whatever its characters', () => {
    for (const url of ['postgres://u@h/d', 'postgres://u@h/d?sslmode=require', 'mysql://u@h', 'mariadb://u@h?ssl=true']) {
      assert.equal(hasPassword(url), false);
      const password = 'p&=?/@#% "\'ü';
      assert.equal(addressIn(withPassword(url, password)).password, password);
    }
  });

  it('tells its secrets as written and as meant', () => {
    assert.deepEqual(secretsIn('postgres://u:p%40ss@h/d'), ['p@ss', 'p%40ss']);
    assert.deepEqual(secretsIn('postgres://u@h/d?password=a%2Fb&sslcert=c&sslkey=k&sslpassword=k%20w'), ['a/b', 'k w', 'a%2Fb', 'k%20w']);
    assert.deepEqual(secretsIn('mariadb://u:a@h?ssl-cert=c&ssl_key=k&ssl-key-password=k%20w'), ['a', 'k w', 'a', 'k%20w']);
    assert.deepEqual(secretsIn('postgres://u@h/d'), []);
  });

  it('tells what it names openly', () => {
    assert.deepEqual(namesIn('postgres://u:p@h1,h2/d'), ['u', 'd', 'h1', 'h2']);
    assert.deepEqual(namesIn('mysql://u:p@h'), ['u', 'h']);
    assert.equal(instanceIn('postgres://u:p@h1,h2/d'), 'h1:5432/d');
    assert.equal(instanceIn('mysql://u:p@h'), 'h:3306');
    assert.equal(instanceIn('mariadb://u:p@h:3307/shop'), 'h:3307/shop');
  });
});
