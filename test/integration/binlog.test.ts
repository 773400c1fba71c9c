import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { skipUnless } from '../support/skip.ts';
import { until } from '../support/wait.ts';
import { BinlogStage } from './binlog-stage.ts';

const SCHEMA = 'CREATE TABLE t (id int PRIMARY KEY, v varchar(20))';

for (const flavor of ['mariadb', 'mysql'] as const) {
  describe(`changes of ${flavor}`, { skip: skipUnless('kafka', 'kcat', flavor) }, () => {
    test('from the binlog to Kafka; a stop and a start in between lose nothing and repeat nothing', async (t) => {
      const stage = await BinlogStage.set(t, { flavor, schema: SCHEMA });
      await stage.engine.start();
      await stage.query("INSERT INTO t VALUES (1, 'a'), (2, 'b'); UPDATE t SET v = 'ü' WHERE id = 1; DELETE FROM t WHERE id = 2");
      await stage.untilCount(4);
      await stage.engine.stop();
      await stage.query("INSERT INTO t VALUES (3, 'c')");
      await stage.database.query('FLUSH BINARY LOGS');
      await stage.engine.start();
      await stage.query("INSERT INTO t VALUES (4, 'd')");
      await stage.untilCount(6);
      await stage.engine.stop();
      const messages = await stage.messages();
      assert.deepEqual(
        messages.map(({ database, table, type, data, commit }) => [database, table, type, data['id'], commit ?? false]),
        [
          ['shop', 't', 'insert', 1, false],
          ['shop', 't', 'insert', 2, true],
          ['shop', 't', 'update', 1, true],
          ['shop', 't', 'delete', 2, true],
          ['shop', 't', 'insert', 3, true],
          ['shop', 't', 'insert', 4, true],
        ],
      );
      assert.equal(messages[2]!.data['v'], 'ü');
    });

    test('kills of the engine and of the dump while rows come: none is missing, each key in its order', async (t) => {
      const stage = await BinlogStage.set(t, { flavor, schema: 'CREATE TABLE t (id int PRIMARY KEY, v int)', partitions: 4 });
      await stage.engine.start();
      await stage.query('INSERT INTO t VALUES (1, 0), (2, 0), (3, 0), (4, 0)');
      for (let round = 1; round <= 300; round++) {
        await stage.query('UPDATE t SET v = v + 1');
        if (round === 100) await killDump(stage);
        if (round === 200) {
          await stage.engine.kill9();
          stage.engine.launch();
        }
      }
      const latest = async () => {
        const messages = await stage.messages();
        return [1, 2, 3, 4].every((id) => messages.findLast(({ data }) => data['id'] === id)?.data['v'] === 300);
      };
      await until(latest, { deadlineMs: 60_000, everyMs: 1000, what: () => `the last values:\n${stage.engine.tail()}` });
      await stage.engine.stop();
      const messages = await stage.messages();
      for (const id of [1, 2, 3, 4]) {
        const values = messages.filter(({ data }) => data['id'] === id).map(({ data }) => Number(data['v']));
        const first = values.filter((value, index) => values.indexOf(value) === index);
        assert.deepEqual(
          first,
          Array.from({ length: 301 }, (_, value) => value),
          `row ${id}`,
        );
        const steps = values.filter((value, index) => index > 0 && value !== values[index - 1]! + 1);
        assert.ok(steps.length <= 1, `row ${id} goes back once at most, where the kill was: ${steps.join(' ')}`);
      }
    });
  });
}

async function killDump({ database }: BinlogStage): Promise<void> {
  const rows = await database.query<{ Id: number; Command: string }>('SHOW PROCESSLIST');
  for (const { Id, Command } of rows) if (Command.startsWith('Binlog Dump')) await database.query('KILL ?', [Id]);
}
