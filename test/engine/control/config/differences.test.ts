import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { ReadOptions } from '../../../../engine/control/config/changefeeds.ts';
import { fixedDifferences } from '../../../../engine/control/config/differences.ts';
import { readOptions } from '../../../../engine/control/config/read.ts';
import { tempDir } from '../../../support/temp.ts';
import { MINIMAL } from './support.ts';

const reading = (env: Record<string, string> = {}): ReadOptions => readOptions({ argv: [], env: { ...MINIMAL, ...env }, cwd: '/' }, []);

function secretFile(t: TestContext, secret: string): string {
  const file = join(tempDir(t), 'secret');
  writeFileSync(file, secret);
  return file;
}

describe('what a running changefeed cannot take', () => {
  it('is everything but its tables', () => {
    const other = reading({ MILLRACE_TABLES: 'shop.*,!shop.audit', MILLRACE_WORKERS: '3', MILLRACE_KAFKA_SOCKET_TIMEOUT_MS: '5000' });
    assert.deepEqual(fixedDifferences(reading(), other), ['MILLRACE_WORKERS', 'MILLRACE_KAFKA_SOCKET_TIMEOUT_MS']);
    assert.deepEqual(fixedDifferences(other, reading()), ['MILLRACE_WORKERS', 'MILLRACE_KAFKA_SOCKET_TIMEOUT_MS']);
    assert.deepEqual(fixedDifferences(reading(), reading({ MILLRACE_TABLES: 'other' })), []);
  });

  it('is not the same said in other words', () => {
    assert.deepEqual(fixedDifferences(reading(), reading({ MILLRACE_LINGER_MS: '0', MILLRACE_CHECKPOINT_INTERVAL: '1000ms' })), []);
  });

  it('is not a secret that was renewed in its file, which is read anew by whoever needs it', (t) => {
    const login = { MILLRACE_SASL_MECHANISM: 'PLAIN', MILLRACE_SASL_USERNAME: 'app' };
    const file = secretFile(t, 'before');
    const from = (name: string) => ({ ...login, MILLRACE_SASL_PASSWORD_FILE: name, MILLRACE_SOURCE_PASSWORD_FILE: name });
    const before = reading(from(file));
    writeFileSync(file, 'after');
    assert.deepEqual(fixedDifferences(before, reading(from(file))), []);
    const elsewhere = fixedDifferences(before, reading(from(secretFile(t, 'after'))));
    assert.deepEqual(elsewhere, ['MILLRACE_SOURCE_PASSWORD', 'MILLRACE_SASL_PASSWORD']);
    assert.deepEqual(fixedDifferences(before, reading({ ...login, MILLRACE_SASL_PASSWORD: 'after' })).sort(), elsewhere.toSorted());
  });
});
