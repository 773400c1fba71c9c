import type { Lease } from '../../../engine/checkpoint/lease.ts';
import { TopicLog } from '../../../engine/checkpoint/topic-log.ts';
import { openTopicStore, type TopicStore, type TopicStoreOptions } from '../../../engine/checkpoint/topic-store.ts';
import { openCheckpointTopic, type CheckpointTopic } from '../../../engine/produce/checkpoint-topic.ts';
import { lockFile } from '../../../native-bridge/index.ts';

export const TOPIC = 'checkpoints';

/** An owner that gives no signs of life and takes none for a sign: whoever comes next follows it at once. */
export const NO_LEASE: Lease = { beatMs: 3_600_000, silenceMs: 0, pauseMs: 3_600_000 };
/** Signs of life come often, and nobody stands still for long enough, whatever else the machine does. */
export const SHORT_LEASE: Lease = { beatMs: 50, silenceMs: 2_000, pauseMs: 3_600_000 };

export interface Place {
  readonly servers: string;
  readonly changefeed: string;
  readonly root: string;
}

export async function openTopic({ servers, changefeed }: Place, access: 'read' | 'write' = 'write'): Promise<CheckpointTopic> {
  const credentials = { properties: { 'bootstrap.servers': servers }, secretFiles: {}, tokenFile: null };
  return await openCheckpointTopic({ name: TOPIC, changefeed, replicationFactor: null, credentials, access });
}

export async function openStore(place: Place, options: Partial<TopicStoreOptions> = {}): Promise<TopicStore> {
  const topic = await openTopic(place);
  const { root, changefeed } = place;
  return await openTopicStore({
    topic,
    root,
    changefeed,
    lock: lockFile,
    now: () => Date.now(),
    host: 'here',
    file: 'refuse',
    lease: NO_LEASE,
    ...options,
  });
}

/** What the topic says of a changefeed now. */
export async function readLog(place: Place): Promise<TopicLog> {
  const topic = await openTopic(place, 'read');
  try {
    const log = new TopicLog(topic, place.changefeed);
    await log.read();
    return log;
  } finally {
    await topic.close();
  }
}
