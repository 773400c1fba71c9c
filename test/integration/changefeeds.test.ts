import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { skipUnless } from '../support/skip.ts';
import { until } from '../support/wait.ts';
import { ChangefeedTrio } from './changefeed-trio.ts';
import { serversForFile, type Servers } from './servers.ts';
import { NEEDS } from './stage.ts';

const SKIP = skipUnless(...NEEDS);

let servers: Servers;
serversForFile(SKIP, (started) => (servers = started));

describe('three changefeeds of three databases in one service', { skip: SKIP }, () => {
  test('deliver each its own rows into its own topic, and stop and go on together', async (t) => {
    const trio = await ChangefeedTrio.prepare(t, servers);
    await trio.engine.start();
    await Promise.all(trio.names.map((name) => trio.insert(name, 1, 1000)));
    for (const name of trio.names) await trio.untilDelivered(name, 1000);
    assert.deepEqual(await trio.engine.stop(), { code: 0, signal: null });
    await Promise.all(trio.names.map((name) => trio.insert(name, 1001, 1500)));
    await trio.engine.start();
    for (const name of trio.names) await trio.untilDelivered(name, 1500);
    for (const name of trio.names) {
      assert.equal(await trio.count(name), 1500, 'nothing is repeated after a clean stop');
      await until(async () => (await trio.shown(name))['records_exported'] === 1500, { what: 'what was exported in both runs' });
      assert.equal(await trio.engineMetric('millrace_rows_total', name), 500);
    }
    assert.match(trio.engine.log(), new RegExp(`"changefeed":"${trio.names[2]}",.*"message":"streaming"`));
  });

  test('go on without a pause while the capture of one is killed again and again', async (t) => {
    const trio = await ChangefeedTrio.prepare(t, servers);
    const [victim, ...others] = trio.names;
    await trio.engine.start();
    for (let round = 0; round < 4; round++) {
      process.kill(await trio.capturePid(victim!), 'SIGKILL');
      await Promise.all(trio.names.map((name) => trio.insert(name, round * 500 + 1, (round + 1) * 500)));
      for (const name of others) await trio.untilDelivered(name, (round + 1) * 500);
    }
    await trio.untilDelivered(victim!, 2000);
    assert.ok(Number((await trio.shown(victim!))['restarts']) >= 4);
    for (const name of others) {
      assert.equal((await trio.shown(name))['restarts'], 0);
      assert.equal(await trio.count(name), 2000, 'nothing is repeated');
    }
  });

  test('go on when one fails for good, which can be begun again beside them', async (t) => {
    const trio = await ChangefeedTrio.prepare(t, servers);
    const [lost, ...others] = trio.names;
    await trio.engine.start();
    for (const name of trio.names) await trio.insert(name, 1, 100);
    for (const name of trio.names) await trio.untilDelivered(name, 100);
    await trio.loseSlot(lost!);
    await trio.untilState(lost!, 'failed');
    for (const name of others) await trio.insert(name, 101, 200);
    for (const name of others) await trio.untilDelivered(name, 200);

    const answer = await trio.get('/ready');
    assert.equal(answer.status, 503);
    const ready = (await answer.json()) as { readonly reason: string; readonly changefeeds: { changefeed: string; ready: boolean }[] };
    assert.match(ready.reason, new RegExp(`^${lost}: the changefeed is failed: SLOT_`));
    assert.deepEqual(
      ready.changefeeds.map((one) => [one.changefeed, one.ready]),
      trio.names.map((name) => [name, name !== lost]),
    );

    const reset = await trio.command('position', 'reset', '--changefeed', lost!);
    assert.equal(reset.code, 0, reset.stderr);
    assert.equal((await trio.request(lost!, 'restart')).status, 200);
    await until(async () => (await trio.get('/ready')).status === 200, { deadlineMs: 60_000, what: () => trio.engine.tail() });
    await trio.insert(lost!, 101, 200);
    await trio.untilDelivered(lost!, 200);
    for (const name of others) assert.equal((await trio.shown(name))['restarts'], 0);
    assert.deepEqual(await trio.engine.stop(), { code: 0, signal: null });
  });

  test('end with exit code 1 when one of them has failed, however long after', async (t) => {
    const trio = await ChangefeedTrio.prepare(t, servers);
    await trio.engine.start();
    await trio.loseSlot(trio.names[1]!);
    await trio.untilState(trio.names[1]!, 'failed');
    await trio.insert(trio.names[0]!, 1, 10);
    await trio.untilDelivered(trio.names[0]!, 10);
    assert.deepEqual(await trio.engine.stop(), { code: 1, signal: null });
  });

  test('are paused and resumed one by one', async (t) => {
    const trio = await ChangefeedTrio.prepare(t, servers);
    const [paused, ...others] = trio.names;
    await trio.engine.start();
    assert.equal((await trio.request(paused!, 'pause')).status, 200);
    await until(async () => (await trio.shown(paused!))['phase'] === 'paused', { what: 'the pause' });
    for (const name of trio.names) await trio.insert(name, 1, 100);
    for (const name of others) await trio.untilDelivered(name, 100);
    assert.equal(await trio.count(paused!), 0);
    assert.equal((await trio.request(paused!, 'resume')).status, 200);
    await trio.untilDelivered(paused!, 100);
  });

  test('that read their tables once end with them, and print the rows of each', async (t) => {
    const trio = await ChangefeedTrio.prepare(t, servers);
    for (const name of trio.names) await trio.insert(name, 1, 250);
    trio.engine.launch({ SYNC_MODE: 'FULL' });
    assert.deepEqual(await trio.engine.ended(60_000), { code: 0, signal: null });
    for (const name of trio.names) {
      await trio.untilDelivered(name, 250);
      assert.match(trio.engine.log(), new RegExp(`^changefeed ${name}\ntable +rows\npublic\\.t +250\nall +250$`, 'm'));
    }
  });
});

describe('commands for a file of three changefeeds', { skip: SKIP }, () => {
  test('look at each of them, or at the one that is named', async (t) => {
    const trio = await ChangefeedTrio.prepare(t, servers);
    const [first, second, third] = trio.names;
    const all = await trio.command('check');
    assert.equal(all.code, 0, all.stdout + all.stderr);
    const headings = [...all.stdout.matchAll(/^(Changefeed .*|Source: .*|Sink: .*|Connection Successful)/gm)].map(([, line]) => line);
    const each = (name: string) => [
      `Changefeed ${name}`,
      'Source: PostgreSQL',
      'Connection Successful',
      'Sink: Kafka',
      'Connection Successful',
    ];
    assert.deepEqual(headings, [...each(first!), ...each(second!), ...each(third!)]);
    const one = await trio.command('check', '--source', '--changefeed', second!);
    assert.match(one.stdout, /^Source: PostgreSQL\n/);
    const json = JSON.parse((await trio.command('check', '--json', '--sink')).stdout) as { changefeeds: Record<string, unknown>[] };
    assert.deepEqual(
      json.changefeeds.map(({ changefeed, successful }) => [changefeed, successful]),
      trio.names.map((name) => [name, { sink: true }]),
    );
    await servers.broker.deleteTopic(third!);
    const broken = await trio.command('check');
    assert.equal(broken.code, 1);
    assert.match(broken.stdout, new RegExp(`fail +topic +${third}: it does not exist`));
    assert.match((await trio.command('objects', '--changefeed', first!)).stdout, /^public +t +table/m);
  });

  test('ask for a name where they need one', async (t) => {
    const trio = await ChangefeedTrio.prepare(t, servers);
    const names = trio.names.join(', ');
    for (const words of [['slot', 'list'], ['position', 'show'], ['position', 'reset'], ['objects']]) {
      const { code, stderr } = await trio.command(...words);
      assert.equal(code, 2, words.join(' '));
      assert.ok(stderr.includes(`name the one that is meant with --changefeed; accepted: ${names}`), stderr);
    }
    assert.equal((await trio.command('slot', 'list', '--changefeed', trio.names[0]!)).code, 0);
  });

  test('show what the service does', async (t) => {
    const trio = await ChangefeedTrio.prepare(t, servers);
    const [first, second] = trio.names;
    await trio.engine.start();
    await trio.insert(second!, 1, 10);
    await trio.untilDelivered(second!, 10);
    const address = ['--http-address', `127.0.0.1:${trio.engine.httpPort}`];
    const all = await trio.command('status', ...address);
    for (const name of trio.names) assert.match(all.stdout, new RegExp(`^${name} +normal +streaming `, 'm'));
    const one = await trio.command('status', second!, ...address);
    assert.equal(one.code, 0, one.stderr);
    assert.match(one.stdout, new RegExp(`^${second} +normal`, 'm'));
    assert.ok(!one.stdout.includes(first!), one.stdout);
    const unknown = await trio.command('status', 'other', ...address);
    assert.deepEqual([unknown.code, unknown.stderr.includes(`API_NOT_FOUND: given the changefeed "other"`)], [1, true], unknown.stderr);
    await until(async () => (await trio.command('position', 'show', '--changefeed', second!)).code === 0, { what: 'the checkpoint' });
  });
});
