import type pg from 'pg';
import { until } from '../../test/support/wait.ts';
import { TOUR } from './shop.ts';
import type { Tally } from './tally.ts';

/** Longest message that is printed whole. */
const LINE_LENGTH_MAX = 400;

/** Executes the tour's transactions one by one and prints each beside the messages that it made, found by their xid. */
export async function takeTour(database: pg.Client, tally: Tally, print: (line: string) => void): Promise<void> {
  for (const step of TOUR) {
    await database.query('BEGIN');
    const { rows } = await database.query<{ xid: string }>('SELECT pg_current_xact_id()::text AS xid');
    for (const statement of step.statements) await database.query(statement);
    await database.query('COMMIT');
    const xid = Number(BigInt.asIntN(32, BigInt(rows[0]?.xid ?? 0)));
    await until(() => (tally.byXid.get(xid)?.length ?? 0) >= step.messages, {
      deadlineMs: 15_000,
      what: `the ${step.messages} messages of "${step.title}"`,
    });
    const messages = tally.byXid.get(xid) ?? [];
    print(`\n  ${step.title}`);
    for (const statement of step.statements) print(`    SQL    ${statement}`);
    for (const message of messages)
      print(`    Kafka  ${message.length > LINE_LENGTH_MAX ? `${message.slice(0, LINE_LENGTH_MAX)}...` : message}`);
    if (messages.length !== step.messages) throw new Error(`"${step.title}" made ${messages.length} messages, not ${step.messages}`);
  }
}
