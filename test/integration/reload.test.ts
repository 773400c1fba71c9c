import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { skipUnless } from '../support/skip.ts';
import { until } from '../support/wait.ts';
import { ChangefeedTrio } from './changefeed-trio.ts';
import { serversForFile, type Servers } from './servers.ts';
import { NEEDS } from './stage.ts';

const SKIP = skipUnless(...NEEDS);

let servers: Servers;
serversForFile(SKIP, (started) => (servers = started));

/** A service of three changefeeds that streams; each database has a table `u` besides the one that is exported. */
async function running(t: TestContext): Promise<ChangefeedTrio> {
  const trio = await ChangefeedTrio.prepare(t, servers);
  for (const name of trio.names) await servers.database.query('CREATE TABLE u (id int PRIMARY KEY)', undefined, name);
  await trio.engine.start();
  return trio;
}

/** Sends SIGHUP and waits until the log has this, behind what it had. */
async function reload(trio: ChangefeedTrio, expected: RegExp): Promise<string> {
  const before = trio.engine.log().length;
  process.kill(trio.engine.pid, 'SIGHUP');
  const found = () => trio.engine.log().slice(before);
  await until(() => expected.test(found()), { deadlineMs: 60_000, what: () => `${expected}:\n${found()}` });
  return found();
}

const pids = (trio: ChangefeedTrio) => Promise.all(trio.names.map((name) => trio.capturePid(name)));

describe('a configuration that is read again by SIGHUP', { skip: SKIP }, () => {
  test('touches only the changefeeds whose tables have changed', async (t) => {
    const trio = await running(t);
    const [changed, fixed, same] = trio.names;
    const before = await pids(trio);
    trio.configure({ [changed!]: { tables: 't,u' }, [fixed!]: { tables: 't,u', topic: same!, kafka: { 'socket.timeout.ms': 5000 } } });
    const log = await reload(trio, /"pauseMs":\d+/);
    const refusal = log.split('\n').find((line) => line.includes('RELOAD_REFUSED'));
    assert.match(
      refusal!,
      new RegExp(`the changefeed ${fixed} goes on as it was, because .*: MILLRACE_TOPIC, MILLRACE_KAFKA_SOCKET_TIMEOUT_MS"`),
    );
    const after = await pids(trio);
    assert.notEqual(after[0], before[0]);
    assert.deepEqual(after.slice(1), before.slice(1));
    for (const name of trio.names) await servers.database.query('INSERT INTO u VALUES (1)', undefined, name);
    await Promise.all(trio.names.map((name) => trio.insert(name, 1, 10)));
    await trio.untilDelivered(changed!, 11);
    for (const name of [fixed!, same!]) await trio.untilDelivered(name, 10);
    assert.deepEqual(await Promise.all(trio.names.map((name) => trio.count(name))), [11, 10, 10]);
    assert.deepEqual(await trio.engine.stop(), { code: 0, signal: null });
  });

  test('changes nothing when it cannot be read, or means nothing', async (t) => {
    const trio = await running(t);
    const before = await pids(trio);
    trio.write('tables = [ unfinished');
    assert.match(await reload(trio, /RELOAD_REFUSED/), /nothing is changed: .*line 1, column \d+: not valid TOML/);
    trio.configure({ [trio.names[0]!]: { tables: 't,u', workers: 'none' } });
    assert.match(await reload(trio, /RELOAD_REFUSED/), /workers in .*: given \\"none\\"/);
    trio.configure({ [trio.names[0]!]: { tables: 't,nowhere' } });
    assert.match(await reload(trio, /SELECTION_REFUSED/), /TABLES_NO_MATCH: `nowhere` matches no table/);
    trio.configure({});
    await reload(trio, /SIGHUP: reading the configuration again/);
    assert.deepEqual(await pids(trio), before);
    await trio.insert(trio.names[0]!, 1, 10);
    await trio.untilDelivered(trio.names[0]!, 10);
  });

  test('neither begins nor ends a changefeed', async (t) => {
    const trio = await running(t);
    const [gone, renamed] = trio.names;
    trio.configure({ [renamed!]: { changefeed: 'another' } }, [gone!]);
    const log = await reload(trio, /a changefeed ends with the service only/);
    assert.match(log, /a changefeed begins with a start of the service only: another/);
    assert.match(log, new RegExp(`a changefeed ends with the service only: ${gone}, ${renamed} of`));
    await trio.insert(gone!, 1, 10);
    await trio.untilDelivered(gone!, 10);
  });
});
