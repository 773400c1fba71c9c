import assert from 'node:assert/strict';
import { test } from 'node:test';
import { oneOf, readAccount, readParameters, readPort, readSwitch, splitPort } from '../../../engine/source/url-parts.ts';

const INVALID = { code: 'SOURCE_URL_INVALID' };

test('user and password are decoded; parameters of their names win, whatever stands before the @', () => {
  const none = new Map<string, string>();
  assert.deepEqual(readAccount('a%40b:p%3Aw', none), { user: 'a@b', password: 'p:w' });
  assert.deepEqual(readAccount('app', none), { user: 'app', password: null });
  assert.deepEqual(readAccount('app:', none), { user: 'app', password: '' });
  assert.deepEqual(readAccount(undefined, none), { user: '', password: null });
  const given = new Map([
    ['user', 'other'],
    ['password', 'secret'],
  ]);
  assert.deepEqual(readAccount('%:%', given), { user: 'other', password: 'secret' });
  assert.throws(() => readAccount('%', none), INVALID);
});

test('parameters are known ones, each once, under the name that is meant', () => {
  const known = new Set(['ssl-mode', 'socket']);
  const nameOf = (written: string) => written.replaceAll('_', '-');
  assert.deepEqual(
    [...readParameters('ssl_mode=A%26B&&socket', known, nameOf)],
    [
      ['ssl-mode', 'A&B'],
      ['socket', ''],
    ],
  );
  assert.throws(() => readParameters('ssl_mode=A&ssl-mode=B', known, nameOf), { ...INVALID, message: /`ssl-mode` stands there twice/ });
  assert.throws(() => readParameters('ssl_mode=A', known), {
    ...INVALID,
    message: /`ssl_mode` is not known; accepted are ssl-mode, socket/,
  });
});

test('hosts, ports and switches', () => {
  assert.deepEqual(splitPort('[::1]:5433'), { host: '::1', port: '5433' });
  assert.deepEqual(splitPort('%2Frun'), { host: '/run', port: '' });
  assert.throws(() => splitPort('50%'), INVALID);
  assert.deepEqual([readPort('', 3306), readPort('65535', 1)], [3306, 65_535]);
  for (const port of ['0', '65536', '-1', '1e3']) assert.throws(() => readPort(port, 1), INVALID);
  assert.deepEqual([readSwitch(undefined), readSwitch('true'), readSwitch('false')], [null, true, false]);
  assert.throws(() => readSwitch('yes'), { ...INVALID, message: /`ssl=yes` is not accepted; accepted are true, false/ });
  assert.equal(oneOf('mode', 'a', ['a', 'b'] as const), 'a');
});
