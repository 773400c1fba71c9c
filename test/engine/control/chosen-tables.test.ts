import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { MillraceError } from '../../../engine/base/errors.ts';
import {
  dropOvertakenTables,
  keepChosenTables,
  readChosenTables,
  withChosenTables,
  type ChosenTables,
} from '../../../engine/control/chosen-tables.ts';
import type { Config } from '../../../engine/control/config/config.ts';
import { tempDir } from '../../support/temp.ts';
import { configOf } from './config/support.ts';

const CHOSEN: ChosenTables = { tables: ['shop.orders'], configured: ['shop.*'], chosenAt: '2026-11-30T10:00:00.000Z' };

function config(t: TestContext, tables = 'shop.*'): Config {
  return configOf({ MILLRACE_STATE_DIR: tempDir(t), MILLRACE_TABLES: tables });
}

const fileOf = ({ stateDir, changefeed }: Config) => join(stateDir, changefeed, 'tables.json');

describe('chosen tables', () => {
  it('are in force for as long as the configuration says what it said', async (t) => {
    const given = config(t);
    assert.equal(await withChosenTables(given), given);
    await keepChosenTables(given, CHOSEN);
    assert.deepEqual(await readChosenTables(given), CHOSEN);
    assert.deepEqual((await withChosenTables(given)).source, { ...given.source, tables: ['shop.orders'] });
    const other = { ...given, source: { ...given.source, tables: ['shop.*', 'stock'] } };
    assert.equal(await withChosenTables(other), other);
    assert.deepEqual(await readChosenTables(given), CHOSEN, 'a look changes nothing');
  });

  it('are given up for good once a configuration that says something else is in force', async (t) => {
    const given = config(t);
    await dropOvertakenTables(given);
    await keepChosenTables(given, CHOSEN);
    await dropOvertakenTables(given);
    assert.deepEqual((await withChosenTables(given)).source.tables, ['shop.orders']);
    await dropOvertakenTables({ ...given, source: { ...given.source, tables: ['stock'] } });
    assert.equal(await withChosenTables(given), given);
    assert.equal(existsSync(fileOf(given)), false);
  });

  it('are given up where none were chosen, too', async (t) => {
    const given = config(t);
    await keepChosenTables(given, null);
    assert.equal(await readChosenTables(given), null);
  });

  it('are not taken from a file that is not ours', async (t) => {
    const given = config(t);
    await keepChosenTables(given, CHOSEN);
    for (const text of ['', 'null', '[]', '{"tables":["a"]}', readFileSync(fileOf(given), 'utf8').replace('"shop.orders"', '7')]) {
      writeFileSync(fileOf(given), text);
      await assert.rejects(
        () => withChosenTables(given),
        (error) => error instanceof MillraceError && error.code === 'STATE_CORRUPT' && error.message.includes('tables.json'),
      );
    }
  });

  it('are refused with the reason where they cannot be read', async (t) => {
    const given = config(t);
    mkdirSync(fileOf(given), { recursive: true });
    await assert.rejects(
      () => readChosenTables(given),
      (error) => error instanceof MillraceError && error.code === 'STATE_IO',
    );
  });
});
