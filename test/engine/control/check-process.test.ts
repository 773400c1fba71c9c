import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkApart } from '../../../engine/control/check-process.ts';
import { MillraceError } from '../../../engine/base/errors.ts';
import { freePort } from '../../support/ports.ts';
import { tempDir } from '../../support/temp.ts';
import { configOf } from './config/support.ts';

describe('a check in a process of its own', () => {
  it('says step by step what it saw of both sides', async (t) => {
    const port = await freePort();
    const config = configOf({
      MILLRACE_SOURCE_URL: `postgres://app:s3cret-word@127.0.0.1:${port}/shop`,
      MILLRACE_BOOTSTRAP_SERVERS: `127.0.0.1:${port}`,
      MILLRACE_STATE_DIR: tempDir(t),
    });
    const steps = await checkApart({ config, secrets: {} });
    const failed = steps.filter(({ state }) => state === 'fail').map(({ side, step, code }) => [side, step, code]);
    assert.deepEqual(failed, [
      ['source', 'connect', 'SERVER_UNREACHABLE'],
      ['sink', 'bootstrap', 'KAFKA_UNREACHABLE'],
    ]);
  });

  it('fails with what lets it see nothing', async (t) => {
    const config = configOf({ MILLRACE_STATE_DIR: tempDir(t) });
    const broken = { ...config, source: { ...config.source, url: 'postgres://' } };
    await assert.rejects(
      () => checkApart({ config: broken, secrets: {} }),
      (error) => error instanceof MillraceError && error.code === 'SOURCE_URL_INVALID',
    );
  });
});
