import assert from 'node:assert/strict';
import { after, before, describe, test, type TestContext } from 'node:test';
import type { MillraceError } from '../../../../../engine/base/errors.ts';
import { SlotBudget, type SlotBudgetOptions } from '../../../../../engine/source/postgres/copy/slot-budget.ts';
import { startPostgres, type PostgresServer } from '../../../../support/postgres.ts';
import { skipUnless } from '../../../../support/skip.ts';
import { until } from '../../../../support/wait.ts';
import { Copying } from './copying.ts';

describe('the log that a slot holds back', { skip: skipUnless('postgres-15') }, () => {
  let server: PostgresServer;
  before(async () => {
    server = await startPostgres({ version: '15' });
    await server.query("SELECT pg_create_logical_replication_slot('kept', 'pgoutput')");
    await server.query('CREATE TABLE filling (v text); INSERT INTO filling SELECT md5(n::text) FROM generate_series(1, 20000) n');
  });
  after(() => server.destroy());

  async function budgetFor(t: TestContext, options: Partial<SlotBudgetOptions>): Promise<{ budget: SlotBudget; errors: MillraceError[] }> {
    const errors: MillraceError[] = [];
    const session = await (await Copying.open(t, server, 'SELECT 1')).session();
    const onFailure = (error: MillraceError) => errors.push(error);
    const budget = new SlotBudget({ session, slot: 'kept', limitBytes: null, drops: false, onFailure, ...options });
    t.after(() => budget.close());
    return { budget, errors };
  }

  const slots = async () =>
    (await server.query<{ n: string }>("SELECT count(*)::text AS n FROM pg_replication_slots WHERE slot_name = 'kept'"))[0]!.n;

  test('is told; without a limit nothing happens', async (t) => {
    const { budget, errors } = await budgetFor(t, {});
    await until(() => budget.bytes !== null, { what: 'the bytes' });
    assert.ok(budget.bytes! > 1_000_000, `${budget.bytes} bytes`);
    assert.deepEqual(errors, []);
  });

  test('beyond the limit the changefeed stops; the slot is kept, or dropped when that was asked for', async (t) => {
    const kept = await budgetFor(t, { limitBytes: 1_000_000 });
    await until(() => kept.errors.length > 0, { what: 'the limit' });
    assert.equal(kept.errors[0]!.code, 'SNAPSHOT_WAL_LIMIT');
    assert.match(kept.errors[0]!.message, /MILLRACE_SNAPSHOT_WAL_LIMIT allows 1000000\. The slot is kept/);
    assert.equal(await slots(), '1');
    const dropped = await budgetFor(t, { limitBytes: 1_000_000, drops: true });
    await until(() => dropped.errors.length > 0, { what: 'the limit' });
    assert.match(dropped.errors[0]!.message, /The slot was dropped/);
    assert.equal(await slots(), '0');
    const missing = await budgetFor(t, {});
    await until(() => missing.errors.length > 0, { what: 'the loss' });
    assert.equal(missing.errors[0]!.code, 'SLOT_MISSING');
  });
});
