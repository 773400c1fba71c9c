import { randomBytes } from 'node:crypto';
import { headedRecords, type HeadedRecord } from '../support/letters.ts';
import { until } from '../support/wait.ts';
import type { Feed, FeedOptions, Servers } from './servers.ts';

const SCHEMA = 'CREATE TABLE t (id int PRIMARY KEY, v text)';
/** What the changefeed's topic takes. */
const TOPIC_BYTES = 20_000;

/** Text that no compression makes smaller. */
export function noise(length: number): string {
  return randomBytes(length).toString('base64').slice(0, length);
}

export interface LetterFeed {
  readonly feed: Feed;
  /** The topic of dead letters. */
  readonly topic: string;
  readonly letters: () => Promise<HeadedRecord[]>;
  readonly untilLetters: (count: number) => Promise<HeadedRecord[]>;
}

export interface LetterFeedOptions extends Partial<FeedOptions> {
  /** Configuration of the topic of dead letters; null makes none. */
  readonly lettersTopic?: Readonly<Record<string, string>> | null;
}

/** A feed with a topic for dead letters beside its own, which takes small messages alone. */
export async function letterFeed(
  servers: Servers,
  t: Parameters<Servers['feed']>[0],
  { lettersTopic = {}, ...options }: LetterFeedOptions,
): Promise<LetterFeed> {
  const topic = `${servers.nextName}-letters`;
  if (lettersTopic !== null) await servers.broker.createTopic(topic, 2, lettersTopic);
  const feed = await servers.feed(t, {
    schema: SCHEMA,
    partitions: 1,
    topic: { 'max.message.bytes': String(TOPIC_BYTES) },
    ...options,
    options: { DEAD_LETTER_TOPIC: topic, ...options.options },
  });
  const letters = () => headedRecords(servers.broker.bootstrapServers, topic);
  const untilLetters = async (count: number) => {
    const enough = async () => (await servers.broker.endOffsets(topic)).reduce((sum, offset) => sum + offset, 0) >= count;
    await until(enough, { deadlineMs: 60_000, everyMs: 50, what: () => `${count} dead letters:\n${feed.engine.tail()}` });
    return letters();
  };
  return { feed, topic, letters, untilLetters };
}
