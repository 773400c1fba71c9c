/** One record of a topic that keeps state. */
export interface TopicEntry {
  readonly offset: number;
  readonly key: string;
  /** Null for a tombstone. */
  readonly value: string | null;
}

/**
 * What of a topic is read: all that is `committed`, for which open transactions are waited for; only what lies before the first open one,
 * `stable`; or what is `written`, committed or not.
 */
export type ReadingMode = 'committed' | 'stable' | 'written';

/** A topic that keeps the newest record of each key; `produce/checkpoint-topic.ts` answers with Kafka. */
export interface RecordTopic {
  readonly name: string;
  /**
   * Gives what is there for these keys to `onEntry`, in order, from an offset (negative: the oldest) to the end.
   * @returns the offset to go on at
   * @throws MillraceError KAFKA_UNREACHABLE
   */
  read(keys: readonly string[], from: number, mode: ReadingMode, onEntry: (entry: TopicEntry) => void): Promise<number>;
  /**
   * Makes this process the only writer: what others began is undone, and from now on they write nothing any more.
   * @throws MillraceError of Kafka's codes
   */
  becomeWriter(): Promise<void>;
  /**
   * Writes values by key, all or none; an empty one is a tombstone. Waits for brokers that are away.
   * @throws MillraceError PRODUCER_FENCED when another writer came after this one, else of Kafka's codes
   */
  write(values: Readonly<Record<string, string>>): Promise<void>;
  /**
   * Takes credentials of which these files were replaced. Where that takes another client, it becomes the writer, and `confirm` decides
   * with what it finds then whether that was right, before anything is written; rejects as `confirm` does.
   */
  renewCredentials(changed: readonly string[], confirm: () => Promise<void>): Promise<void>;
  close(): Promise<void>;
}
