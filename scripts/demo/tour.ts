import { until } from '../../test/support/wait.ts';
import type { DemoDatabase } from './database.ts';
import type { Tally } from './tally.ts';

/** Longest message that is printed whole. */
const LINE_LENGTH_MAX = 400;

/** Executes the tour's transactions one by one, as the only writer, and prints each beside the messages that it made. */
export async function takeTour(database: DemoDatabase, tally: Tally, print: (line: string) => void): Promise<void> {
  for (const step of database.shop.tour) {
    await database.query('BEGIN');
    for (const statement of step.statements) await database.query(statement);
    await database.query('COMMIT');
    await until(() => tally.valueCount >= step.messages, {
      deadlineMs: 15_000,
      what: `the ${step.messages} messages of "${step.title}"`,
    });
    const messages = tally.takeValues();
    print(`\n  ${step.title}`);
    for (const statement of step.statements) print(`    SQL    ${statement}`);
    for (const message of messages)
      print(`    Kafka  ${message.length > LINE_LENGTH_MAX ? `${message.slice(0, LINE_LENGTH_MAX)}...` : message}`);
    if (messages.length !== step.messages) throw new Error(`"${step.title}" made ${messages.length} messages, not ${step.messages}`);
  }
}
