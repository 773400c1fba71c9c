import assert from 'node:assert/strict';
import type { KafkaServer } from '../support/kafka.ts';
import type { MillraceOptions } from '../support/millrace.ts';
import { until } from '../support/wait.ts';
import type { Feed } from './servers.ts';
import { toldError } from './stage.ts';

export const ACLS = 'org.apache.kafka.tools.AclCommand';
/** Kafka's programs by the class that a script of theirs runs. */
const TOOLS: Readonly<Record<string, string>> = {
  'kafka-topics.sh': 'org.apache.kafka.tools.TopicCommand',
  'kafka-acls.sh': ACLS,
  'kafka-configs.sh': 'kafka.admin.ConfigCommand',
};

/** What an operator sees of an error in the log. */
export interface Told {
  readonly message: string;
  readonly advice: string;
}

/** Starts a feed and waits for the error that it tells. */
export async function told(feed: Feed, code: string, more: MillraceOptions = {}): Promise<Told> {
  feed.engine.launch(more);
  return JSON.parse(await toldError(feed.engine, `"code":"${code}"`)) as Told;
}

/** As `told`, of an error that ends the process. */
export async function refused(feed: Feed, code: string, more: MillraceOptions = {}): Promise<Told> {
  const found = await told(feed, code, more);
  assert.deepEqual(await feed.engine.ended(60_000), { code: 1, signal: null });
  return found;
}

/** Carries out the command of Kafka's that a message gives, with what it leaves to the reader filled in. */
export async function carryOut(broker: KafkaServer, message: string, blanks: Readonly<Record<string, string>> = {}): Promise<void> {
  const [line = '', script = ''] = /(kafka-\w+\.sh) .*?(?=[;.] |$)/.exec(message) ?? [];
  const words = line.split(' ').slice(1);
  const at = words.indexOf('--bootstrap-server');
  if (at >= 0) words.splice(at, 2);
  const filled = words.map((word) => Object.entries(blanks).reduce((text, [blank, value]) => text.replace(blank, value), word));
  await broker.tool(TOOLS[script] ?? `no command in: ${message}`, filled);
}

/** The changefeed, which runs or is started now, exports a row. */
export async function flows(feed: Feed, more: MillraceOptions | null = {}): Promise<void> {
  if (more !== null) await feed.engine.start(more);
  await until(() => feed.engine.isReady(), { deadlineMs: 90_000, what: () => `the stream:\n${feed.engine.tail()}` });
  await feed.query('INSERT INTO t VALUES (1)');
  await feed.untilCount(1, 90_000);
}
