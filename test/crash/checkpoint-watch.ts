import kafka from '@confluentinc/kafka-javascript';
import { readCheckpoint } from '../../engine/checkpoint/copies.ts';
import { decodeRecord, isNewer, type CheckpointRecord } from '../../engine/checkpoint/record.ts';
import { until } from '../support/wait.ts';

/** Where a run sees what the changefeed has stored. */
export interface CheckpointWatch {
  now(): Promise<CheckpointRecord | null>;
  /** As `now`, once what a killed owner had under way has come to its end. */
  settled(): Promise<CheckpointRecord | null>;
  stop(): Promise<void>;
}

const CHANGEFEED = 'default';
/** A topic that told of nothing new for so long has settled; less than the shortest pause before a capture is restarted. */
const SETTLED_MS = 100;
const POLL_MS = 5;

/** In a state directory, where a store is there or not. */
export function watchFile(stateDir: string): CheckpointWatch {
  const now = async (): Promise<CheckpointRecord | null> => (await readCheckpoint(stateDir, CHANGEFEED)).record;
  return { now, settled: now, stop: async () => {} };
}

/** In a topic, which exists: read as it grows, what is committed alone. A broker that is away leaves what was read last. */
export async function watchTopic(bootstrapServers: string, topic: string): Promise<CheckpointWatch> {
  const properties = { 'bootstrap.servers': bootstrapServers, 'group.id': 'checkpoint-watch', 'reconnect.backoff.max.ms': 100 };
  const reading = { 'isolation.level': 'read_committed', 'enable.auto.commit': false, 'fetch.wait.max.ms': 10 } as const;
  const consumer = new kafka.KafkaConsumer({ ...properties, ...reading }, { 'auto.offset.reset': 'earliest' });
  await new Promise<void>((resolve, reject) => {
    consumer.connect({}, (error) => (error ? reject(new Error(error.message)) : resolve()));
  });
  consumer.assign([{ topic, partition: 0 }]);
  consumer.setDefaultConsumeTimeout(POLL_MS);
  let newest: CheckpointRecord | null = null;
  let changedMs = performance.now();
  const take = (): void => {
    // An error is a broker that is away.
    consumer.consume(100, (_error, messages = []) => {
      for (const { key, value } of messages) {
        if (String(key) !== CHANGEFEED || value === null) continue;
        const record = decodeRecord(value, topic);
        if (newest === null || isNewer(record, newest)) newest = record;
        changedMs = performance.now();
      }
    });
  };
  const timer = setInterval(take, POLL_MS);
  return {
    now: async () => newest,
    settled: async () => {
      changedMs = performance.now();
      await until(() => performance.now() - changedMs >= SETTLED_MS, { everyMs: POLL_MS, what: 'the topic of checkpoints to settle' });
      return newest;
    },
    stop: async () => {
      clearInterval(timer);
      await new Promise<void>((resolve) => consumer.disconnect(() => resolve()));
    },
  };
}
