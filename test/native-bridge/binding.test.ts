import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { MillraceError } from '../../engine/base/errors.ts';
import { binding, checkBinding, fromNative } from '../../native-bridge/binding.ts';
import { layoutDigest } from '../../native-bridge/layout-digest.ts';
import { projectRoot } from '../support/paths.ts';

test('an addon that was compiled from another layout is refused', () => {
  checkBinding(binding, layoutDigest());
  assert.throws(() => checkBinding(binding, layoutDigest() + 1), { code: 'NATIVE_ADDON_MISMATCH', message: /layout/ });
});

test('a librdkafka other than the one the addon was compiled with is refused', () => {
  const { compiledVersion, loadedVersion, loadedVersionText } = binding;
  assert.equal(compiledVersion, loadedVersion);
  const other = { layoutDigest: layoutDigest(), compiledVersion, loadedVersion: compiledVersion - 0x100, loadedVersionText: '9.9.9' };
  assert.throws(() => checkBinding(other, layoutDigest()), { code: 'NATIVE_ADDON_MISMATCH', message: /librdkafka 9\.9\.9 was loaded/ });
  assert.match(loadedVersionText, /^\d+\.\d+\.\d+/);
});

/** Debian's own librdkafka, which kcat brings along. */
const SYSTEM_LIBRARY = '/usr/lib/x86_64-linux-gnu/librdkafka.so.1';

test(
  'a system library that LD_LIBRARY_PATH puts first is refused',
  { skip: existsSync(SYSTEM_LIBRARY) ? false : 'no other librdkafka here' },
  () => {
    const program = `import(${JSON.stringify(import.meta.resolve('../../native-bridge/index.js'))}).catch((error) => console.log(error.code, error.message))`;
    const env = { ...process.env, LD_LIBRARY_PATH: dirname(SYSTEM_LIBRARY) };
    const told = execFileSync(process.execPath, ['--input-type=module', '-e', program], { env, encoding: 'utf8' });
    assert.match(told, /^NATIVE_ADDON_MISMATCH librdkafka \d+\.\d+\.\d+ was loaded/);
  },
);

test('the process holds one librdkafka, that of kafka-javascript', () => {
  const maps = readFileSync('/proc/self/maps', 'utf8');
  const loaded = new Set(maps.split('\n').flatMap((line) => line.match(/\S*librdkafka\S*$/) ?? []));
  const expected = join(projectRoot, 'node_modules/@confluentinc/kafka-javascript/build/deps/librdkafka.so.1');
  assert.deepEqual(
    [...loaded].map((path) => execFileSync('readlink', ['-f', path], { encoding: 'utf8' }).trim()),
    [execFileSync('readlink', ['-f', expected], { encoding: 'utf8' }).trim()],
  );
});

test('what the addon throws becomes a MillraceError, everything else stays as it is', () => {
  const native = Object.assign(new Error('too large'), { code: 'MESSAGE_TOO_LARGE', details: { topic: 't' } });
  const made = fromNative(native);
  assert.ok(made instanceof MillraceError);
  assert.deepEqual([made.code, made.message, made.details], ['MESSAGE_TOO_LARGE', 'too large', { topic: 't' }]);
  for (const other of [new Error('plain'), Object.assign(new Error('io'), { code: 'ENOENT', details: {} }), 'text', null]) {
    assert.equal(fromNative(other), other);
  }
});
