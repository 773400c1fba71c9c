import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { MillraceError, toErrorRecord } from '../../../../engine/base/errors.ts';
import { freePort } from '../../../support/ports.ts';
import { tempDir } from '../../../support/temp.ts';
import { until, within } from '../../../support/wait.ts';
import { finished, ready, untilStopped } from '../stage.ts';
import type { Step } from '../stand-in-capture.ts';
import { statsOf } from '../support.ts';
import { SECRETS, logged, start, type Run } from './running.ts';

/** A run of several changefeeds, by name, whose captures do what is said of each. */
function startSeveral(t: TestContext, lives: Readonly<Record<string, readonly Step[]>>, env: Record<string, string> = {}): Run {
  const directory = tempDir(t);
  const changefeed = Object.entries(lives).map(([name, life]) => {
    mkdirSync(join(directory, name));
    writeFileSync(join(directory, name, 'lives.json'), JSON.stringify([life]));
    return { changefeed: name, state_dir: join(directory, name) };
  });
  const file = join(directory, 'millrace.json');
  writeFileSync(file, JSON.stringify({ changefeed }));
  return start(t, [], { MILLRACE_CONFIG: file, ...env });
}

const failure = (code: 'KAFKA_TOPIC_MISSING' | 'TABLES_NO_MATCH'): Step[] => {
  const error = toErrorRecord(new MillraceError(code, 'tried with s3cret-word and kafka-w0rd-1 and pg-w0rd-2'));
  return [{ send: { type: 'error', error } }, { exit: 1 }];
};

describe('millrace run', () => {
  it('exits 0 when a signal has drained it', async (t) => {
    for (const [signal, terminal] of [
      ['SIGTERM', '0'],
      ['SIGINT', '0'],
      ['SIGHUP', '1'],
    ] as const) {
      const run = start(t, [untilStopped], { MILLRACE_TEST_TERMINAL: terminal, MILLRACE_LOG_FORMAT: 'json' });
      await logged(run, 'streaming');
      run.kill(signal);
      assert.deepEqual(await within(run.exit, 30_000, 'the end'), { code: 0, signal: null });
      assert.equal(run.entries().at(-1)?.['message'], 'the changefeed is stopped');
    }
  });

  it('ends at once at the second signal', async (t) => {
    const run = start(t, [[ready, { hang: true }]]);
    await logged(run, 'streaming');
    run.kill('SIGTERM');
    await logged(run, 'delivering what is under way');
    run.kill('SIGTERM');
    assert.deepEqual(await within(run.exit, 10_000, 'the end'), { code: 1, signal: null });
    assert.equal(run.entries().at(-1)?.['code'], 'SHUTDOWN_TIMEOUT');
  });

  it('exits 1 with the error, its code and where to read on when the changefeed failed', async (t) => {
    const run = start(t, [failure('KAFKA_TOPIC_MISSING')]);
    assert.deepEqual(await within(run.exit, 30_000, 'the end'), { code: 1, signal: null });
    const last = run.entries().at(-1)!;
    assert.equal(last['level'], 'error');
    assert.equal(last['code'], 'KAFKA_TOPIC_MISSING');
    assert.equal(last['message'], 'tried with *** and *** and ***');
    assert.match(String(last['advice']), /docs\/errors\.md#kafka_topic_missing/);
  });

  it('exits 2 when the capture found the configuration wrong', async (t) => {
    const run = start(t, [failure('TABLES_NO_MATCH')]);
    assert.equal((await within(run.exit, 30_000, 'the end')).code, 2);
  });

  it('starts nothing when the configuration is wrong', async (t) => {
    const run = start(t, [untilStopped], { MILLRACE_WORKERS: '0', MILLRACE_TOPIK: 'kafka-w0rd-1' });
    assert.notEqual((await within(run.exit, 30_000, 'the end')).code, 0);
    assert.match(run.text(), /MILLRACE_WORKERS: given "0"/);
    assert.doesNotMatch(run.text(), /kafka-w0rd-1/);
    assert.equal(run.capturePid(), 0);
  });

  it('exits 2 when the HTTP address is taken', async (t) => {
    const port = await freePort();
    const other = createServer();
    t.after(() => other.close());
    await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
    const run = start(t, [untilStopped], { MILLRACE_HTTP_ADDRESS: `127.0.0.1:${port}` });
    assert.equal((await within(run.exit, 30_000, 'the end')).code, 2);
    assert.match(run.text(), /^HTTP_ADDRESS_UNAVAILABLE: .*EADDRINUSE/);
    assert.equal(run.capturePid(), 0);
  });

  it('exits 0 when the changefeed is finished', async (t) => {
    const run = start(t, [[ready, finished, { exit: 0 }]]);
    assert.equal((await within(run.exit, 30_000, 'the end')).code, 0);
    assert.equal(run.entries().at(-1)?.['message'], 'the changefeed is finished');
  });

  it('takes its capture with it when it is killed', async (t) => {
    const run = start(t, [[ready, { hang: true }]]);
    await logged(run, 'streaming');
    const pid = run.capturePid();
    run.kill('SIGKILL');
    await run.exit;
    await until(() => !existsSync(`/proc/${pid}`) || readFileSync(`/proc/${pid}/status`, 'utf8').includes('zombie'), {
      what: 'the capture to end',
    });
  });

  it('says at the start what it does and what it does not', async (t) => {
    const run = start(t, [untilStopped], { MILLRACE_ENABLE_IDEMPOTENCE: 'false' });
    await logged(run, 'streaming');
    const [warning, starts, scope] = run.entries();
    assert.match(String(warning?.['message']), /^MILLRACE_ENABLE_IDEMPOTENCE is false/);
    assert.equal(starts?.['message'], 'Millrace starts');
    assert.match(String(starts?.['http']), /^http:\/\/127\.0\.0\.1:\d+$/);
    assert.match(String(scope?.['message']), /only changes from the start of slot millrace_default on are exported/);
  });

  it('answers over HTTP while it runs', async (t) => {
    const run = start(t, [untilStopped]);
    await logged(run, 'streaming');
    const url = String(run.entries().find((entry) => entry['message'] === 'Millrace starts')?.['http']);
    await until(async () => (await fetch(`${url}/ready`)).status === 200, { what: 'readiness' });
  });
});

describe('millrace run of several changefeeds', () => {
  const ended: readonly Step[] = [ready, finished, { exit: 0 }];

  it('says of each what it does, and drains all at a signal', async (t) => {
    const run = startSeveral(t, { a: untilStopped, b: untilStopped });
    await until(() => run.text().split('"streaming"').length === 3, { what: () => `two streams in ${run.text()}` });
    run.kill('SIGTERM');
    assert.deepEqual(await within(run.exit, 30_000, 'the end'), { code: 0, signal: null });
    const entries = run.entries();
    const starts = entries.find((entry) => entry['message'] === 'Millrace starts');
    assert.deepEqual([starts?.['changefeeds'], starts?.['changefeed']], ['a,b', undefined]);
    for (const name of ['a', 'b']) {
      const told = entries.filter((entry) => entry['changefeed'] === name).map((entry) => String(entry['message']));
      assert.match(told[0]!, new RegExp(`^only changes from the start of slot millrace_${name} on are exported`));
      assert.deepEqual(told.slice(1), ['streaming', 'the changefeed is stopped']);
    }
  });

  it('exits with what all of them have in common, else with 1 when one failed', async (t) => {
    const cases: [Readonly<Record<string, readonly Step[]>>, number][] = [
      [{ a: ended, b: ended }, 0],
      [{ a: failure('TABLES_NO_MATCH'), b: failure('TABLES_NO_MATCH') }, 2],
      [{ a: failure('TABLES_NO_MATCH'), b: ended }, 1],
      [{ a: failure('KAFKA_TOPIC_MISSING'), b: failure('TABLES_NO_MATCH') }, 1],
      [{ a: ended, b: failure('KAFKA_TOPIC_MISSING'), c: ended }, 1],
    ];
    for (const [lives, expected] of cases) {
      const run = startSeveral(t, lives);
      assert.equal((await within(run.exit, 30_000, 'the end')).code, expected, run.text());
    }
  });

  it('shows one line of progress for all on a terminal', async (t) => {
    const stats = (lagSeconds: number): Step => ({ send: { type: 'stats', stats: statsOf({ delivered: 500, lagSeconds }) } });
    const life = (lag: number) => [ready, stats(lag), { awaitStop: true }, stats(lag), finished, { exit: 0 }] as const;
    const run = startSeveral(t, { a: life(0.5), b: life(2.5) }, { MILLRACE_TEST_TERMINAL: '1' });
    await logged(run, ' of 2 changefeeds stream | ');
    run.kill('SIGTERM');
    await within(run.exit, 30_000, 'the end');
  });
});

describe('what millrace run prints', () => {
  const stats: Step = { send: { type: 'stats', stats: statsOf({ rows: 1000, delivered: 1000, lagSeconds: 0.5 }) } };

  it('is JSON line by line without a progress line, on a terminal too', async (t) => {
    const run = start(t, [[ready, stats, ...untilStopped.slice(1)]], { MILLRACE_LOG_FORMAT: 'json', MILLRACE_TEST_TERMINAL: '1' });
    await logged(run, 'streaming');
    run.kill('SIGTERM');
    await run.exit;
    assert.ok(run.entries().length >= 4);
    assert.doesNotMatch(run.text(), /rows\/s/);
  });

  it('is readable with a progress line on a terminal', async (t) => {
    const run = start(t, [[ready, stats, ...untilStopped.slice(1)]], { MILLRACE_TEST_TERMINAL: '1' });
    await logged(run, ' rows/s | ');
    run.kill('SIGTERM');
    await run.exit;
    assert.match(run.text(), /default \| [\d,]+ rows\/s \| 0\.0 MB\/s \| lag 0\.5 s/);
    assert.match(run.text(), /the changefeed is stopped/);
  });

  it('is readable without a progress line in a file', async (t) => {
    const run = start(t, [[ready, stats, ...untilStopped.slice(1)]], { MILLRACE_LOG_FORMAT: 'pretty' });
    await logged(run, 'streaming');
    run.kill('SIGTERM');
    await run.exit;
    assert.doesNotMatch(run.text(), /rows\/s/);
    assert.ok(!run.text().includes('\u001B[K'));
  });

  it('never holds a secret', async (t) => {
    const url = 'postgres://app:s3cret-word@db:5432/shop';
    const talk: Step[] = SECRETS.flatMap((secret): Step[] => [
      { send: { type: 'log', level: 'info', message: `using ${secret}`, details: { secret } } },
      { send: { type: 'warning', code: 'X', message: secret, details: { url } } },
      { stderr: `native: ${secret} ${encodeURIComponent(secret)}\n` },
    ]);
    for (const format of ['json', 'pretty']) {
      const run = start(t, [[...talk, { kill: 'SIGABRT' }], failure('KAFKA_TOPIC_MISSING')], { MILLRACE_LOG_FORMAT: format });
      await within(run.exit, 30_000, 'the end');
      assert.match(run.text(), /SIGABRT/);
      for (const secret of SECRETS) assert.ok(!run.text().includes(secret), `${secret} in ${run.text()}`);
    }
  });

  it('hides its own command line from other users of the machine', async (t) => {
    const run = start(t, [untilStopped], {}, ['--kafka', 'ssl.keystore.password=argv-w0rd-3']);
    await logged(run, 'streaming');
    assert.doesNotMatch(readFileSync(`/proc/${run.pid}/cmdline`, 'utf8'), /argv-w0rd-3/);
  });
});
