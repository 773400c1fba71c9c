import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ErrorRecord } from '../../../engine/base/errors.ts';
import { CaptureProcess, captureEnvironment } from '../../../engine/control/capture-process.ts';
import { within } from '../../support/wait.ts';
import { configOf } from './config/support.ts';

describe('environment of a capture', () => {
  it('is that of the supervisor without our variables, with few memory arenas', () => {
    const env = captureEnvironment({ PATH: '/bin', PGPASSFILE: '/p', MILLRACE_SOURCE_URL: 'postgres://u:p@h/d' });
    assert.deepEqual(env, {
      PATH: '/bin',
      PGPASSFILE: '/p',
      MALLOC_ARENA_MAX: '2',
      MALLOC_MMAP_THRESHOLD_: '16777216',
      MALLOC_TRIM_THRESHOLD_: '33554432',
    });
  });

  it("leaves the operator's choice of arenas alone", () => {
    assert.equal(captureEnvironment({ MALLOC_ARENA_MAX: '8' })['MALLOC_ARENA_MAX'], '8');
  });
});

describe('capture process', () => {
  it('that cannot be loaded dies with what Node said of it', async () => {
    const lines: string[] = [];
    const died = await within(
      new Promise<ErrorRecord>((exited) => {
        const handlers = { message: () => {}, stray: (line: string) => lines.push(line), exited };
        new CaptureProcess('/nowhere/capture.js', { config: configOf(), secrets: {}, isRestart: false }, handlers);
      }),
      30_000,
      'the death',
    );
    assert.equal(died.code, 'CAPTURE_DIED');
    assert.match(died.message, /exit code 1/);
    assert.match(String(died.details['lastLines']), /Node\.js v/);
    assert.ok(lines.some((line) => line.includes('/nowhere/capture.js')));
  });
});
