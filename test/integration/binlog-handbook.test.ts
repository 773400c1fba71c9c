import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { skipUnless } from '../support/skip.ts';
import { until } from '../support/wait.ts';
import { BinlogStage } from './binlog-stage.ts';
import { carryOutRecipe } from './recipes.ts';
import { toldError } from './stage.ts';

const NAME = 'default';

/** A changefeed that has exported the row 1 and is stopped. */
async function exported(t: TestContext): Promise<BinlogStage> {
  const stage = await BinlogStage.set(t, {
    flavor: 'mariadb',
    schema: 'CREATE TABLE t (id int PRIMARY KEY)',
    options: { CHANGEFEED: NAME },
  });
  await stage.engine.start();
  await stage.query('INSERT INTO t VALUES (1)');
  await stage.untilCount(1);
  await stage.engine.stop();
  return stage;
}

async function refused({ engine }: BinlogStage, code: string): Promise<void> {
  engine.launch();
  assert.deepEqual(await engine.ended(60_000), { code: 1, signal: null });
  await toldError(engine, `"code":"${code}"`);
}

async function followRecipe({ engine, database }: BinlogStage, heading: string): Promise<void> {
  await carryOutRecipe({ engine, name: NAME, url: `${database.url()}/shop` }, heading);
}

const idsOf = async (stage: BinlogStage) => (await stage.messages()).map(({ data }) => data['id']);

describe('recipes of docs/operations.md for MariaDB and MySQL', { skip: skipUnless('kafka', 'kcat', 'mariadb') }, () => {
  test('the log was purged', async (t) => {
    const stage = await exported(t);
    await stage.query('INSERT INTO t VALUES (2)');
    await stage.database.query('FLUSH BINARY LOGS');
    const newest = stage.database.binlogs().at(-1)!.split('/').at(-1)!;
    // A file that InnoDB may still need to recover from is passed over.
    const isPurged = async () => {
      await stage.database.query(`PURGE BINARY LOGS TO '${newest}'`);
      return stage.database.binlogs().length === 1;
    };
    await until(isPurged, { what: () => `the log to begin with ${newest}` });
    await stage.query('INSERT INTO t VALUES (3)');
    await refused(stage, 'BINLOG_PURGED');
    await followRecipe(stage, 'The log was purged');
    await stage.untilCount(2);
    assert.deepEqual(await idsOf(stage), [1, 3], 'what was purged is lost, and nothing else');
  });

  test('the server was reset', async (t) => {
    const stage = await exported(t);
    await stage.database.query('RESET MASTER');
    await stage.query('INSERT INTO t VALUES (2)');
    await refused(stage, 'GTID_UNKNOWN');
    await followRecipe(stage, 'The server was reset');
    await stage.untilCount(2);
    assert.deepEqual(await idsOf(stage), [1, 2]);
  });
});
