import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { OPTIONS } from '../../../../engine/control/config/options.ts';
import { MINIMAL } from '../config/support.ts';
import { cli } from './support.ts';

describe('millrace options', () => {
  it('lists every option with flag, default, meaning and what is accepted', async () => {
    const { code, stdout } = await cli(['options']);
    assert.equal(code, 0);
    for (const { name } of Object.values(OPTIONS))
      assert.ok(stdout.includes(`\n  MILLRACE_${name}  --${name.toLowerCase().replaceAll('_', '-')}\n`), name);
    assert.match(stdout, /MILLRACE_MEMORY {2}--memory\n {6}size; default: 160MB\n/);
    for (const line of stdout.split('\n')) assert.ok(line.length <= 104, line);
  });

  it('lists them as JSON', async () => {
    const entries = JSON.parse((await cli(['options', '--json'])).stdout) as { variable: string; secret: boolean; required: boolean }[];
    assert.equal(entries.length, Object.keys(OPTIONS).length);
    assert.deepEqual(
      entries.filter(({ secret }) => secret).map(({ variable }) => variable),
      [
        'MILLRACE_SOURCE_URL',
        'MILLRACE_SOURCE_PASSWORD',
        'MILLRACE_SINK_URI',
        'MILLRACE_SASL_PASSWORD',
        'MILLRACE_SASL_OAUTH_CLIENT_SECRET',
        'MILLRACE_SSL_KEY_PEM',
        'MILLRACE_SSL_KEY_PASSWORD',
        'MILLRACE_HTTP_TOKEN',
      ],
    );
  });

  it('shows the values in force, where they come from, and no secret', async () => {
    const env = {
      ...MINIMAL,
      MILLRACE_KAFKA_SASL_PASSWORD: 'hunter22',
      MILLRACE_KAFKA_SSL_KEYSTORE_PASSWORD: 'hunter23',
      MILLRACE_KAFKA_CLIENT_ID: 'app',
    };
    const { code, stdout } = await cli(['options', '--values', '--workers', '3'], env);
    assert.equal(code, 0);
    assert.match(stdout, /^MILLRACE_SOURCE_URL +\*\*\* {2}\[MILLRACE_SOURCE_URL\]$/m);
    assert.match(stdout, /^MILLRACE_WORKERS +3 {2}\[--workers\]$/m);
    assert.match(stdout, /^MILLRACE_MEMORY +160000000 {2}\[default\]$/m);
    assert.match(stdout, /^MILLRACE_SLOT +\(millrace_ and the changefeed\) {2}\[default\]$/m);
    assert.match(stdout, /^MILLRACE_SASL_PASSWORD +\*\*\* {2}\[MILLRACE_KAFKA_SASL_PASSWORD\]$/m);
    assert.match(stdout, /^ssl\.keystore\.password +\*\*\* {2}\[passed through to librdkafka\]$/m);
    assert.match(stdout, /^client\.id +app /m);
    assert.doesNotMatch(stdout, /hunter2\d|s3cret-word/);
  });

  it('takes no stray words', async () => {
    const { code, stderr } = await cli(['options', '--jsno']);
    assert.equal(code, 2);
    assert.match(stderr, /--values/);
  });

  it('shows values that are not accepted as problems, with exit code 2', async () => {
    const { code, stderr } = await cli(['options', '--values', '--workers', '0']);
    assert.equal(code, 2);
    assert.match(stderr, /--workers: given "0"/);
  });
});
