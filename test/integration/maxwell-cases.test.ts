import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import test from 'node:test';
import { maxwellCase } from '../support/maxwell-cases.ts';
import { skipUnless } from '../support/skip.ts';
import { until } from '../support/wait.ts';
import { BinlogStage } from './binlog-stage.ts';

/** Maxwell's own cases that need no option of it that Millrace does not have. */
const CASES = [
  'column_values',
  'test_1j',
  'test_bignum',
  'test_blob',
  'test_charsets',
  'test_column_case',
  'test_create_like',
  'test_create_select',
  'test_enum',
  'test_minimal',
  'test_row_query_log_is_on',
  'test_time',
] as const;

/** Its column is JSON to the catalogue alone where the log is MariaDB's. */
const JSON_CASE = 'test_json';

type Message = Record<string, unknown>;

for (const flavor of ['mariadb', 'mysql'] as const) {
  test(`${flavor}: the messages that Maxwell's own tests expect`, { skip: skipUnless(flavor, 'kafka') }, async (t) => {
    const stage = await BinlogStage.set(t, {
      flavor,
      schema: 'CREATE TABLE last (id int PRIMARY KEY); CREATE DATABASE IF NOT EXISTS test',
      options: { TABLES: '*.*', START_POSITION: 'oldest' },
    });
    const cases = flavor === 'mysql' ? [...CASES, JSON_CASE] : CASES;
    for (const name of cases) {
      const client = await stage.database.client({ database: 'shop', charset: 'utf8mb4' });
      if (name === 'test_minimal') await client.query('SET SESSION binlog_row_image = MINIMAL');
      for (const statement of maxwellCase(name).statements) if (!statement.startsWith('#')) await client.query(statement);
      await client.end();
    }
    await stage.query('INSERT INTO last VALUES (1)');
    await stage.engine.start();
    let messages: Message[] = [];
    const areAllThere = async () => {
      messages = (await stage.messages()) as unknown as Message[];
      return messages.at(-1)?.['table'] === 'last';
    };
    await until(areAllThere, { deadlineMs: 60_000, everyMs: 200, what: () => `the last row:\n${stage.engine.tail()}` });
    for (const name of cases) {
      await t.test(name, () => {
        const expected = maxwellCase(name).messages;
        assert.ok(expected.length > 0);
        for (const { query: _, ...message } of expected) {
          const found = messages.filter(({ table }) => table === message['table']).map(bare);
          assert.ok(
            found.some((candidate) => isDeepStrictEqual(candidate, message)),
            `${JSON.stringify(message)} among ${JSON.stringify(found)}`,
          );
        }
      });
    }
  });
}

/** Without what Maxwell's tests do not look at. */
function bare(message: Message): Message {
  return Object.fromEntries(Object.entries(message).filter(([field]) => !['ts', 'xid', 'xoffset', 'commit'].includes(field)));
}
