import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, type TestContext } from 'node:test';
import type { Lease } from '../../../engine/checkpoint/lease.ts';
import { TopicLog } from '../../../engine/checkpoint/topic-log.ts';
import { openTopicStore, type TopicStore, type TopicStoreOptions } from '../../../engine/checkpoint/topic-store.ts';
import { openCheckpointTopic, type CheckpointTopic } from '../../../engine/produce/checkpoint-topic.ts';
import type { CheckpointStore } from '../../../engine/checkpoint/store.ts';
import { lockFile } from '../../../native-bridge/index.ts';
import { Child } from '../../support/child.ts';
import { startKafka, type KafkaServer } from '../../support/kafka.ts';
import { tempDir } from '../../support/temp.ts';
import { until } from '../../support/wait.ts';
import { lsnOf as lsnIn } from '../../support/lsn-of.ts';

export const TOPIC = 'checkpoints';

/** An owner that gives no signs of life and takes none for a sign: whoever comes next follows it at once. */
export const NO_LEASE: Lease = { beatMs: 3_600_000, silenceMs: 0, pauseMs: 3_600_000, cutMs: 3_600_000 };
/** Signs of life come often, and nobody stands still for long enough, whatever else the machine does. */
export const SHORT_LEASE: Lease = { beatMs: 50, silenceMs: 2_000, pauseMs: 3_600_000, cutMs: 3_600_000 };

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
    await log.read('committed');
    return log;
  } finally {
    await topic.close();
  }
}

export function lsnOf(record: CheckpointStore['loaded']): string | undefined {
  return lsnIn(record?.position);
}

/** The same changefeed on another machine. */
export function elsewhere(t: TestContext, place: Place): Place {
  return { ...place, root: tempDir(t) };
}

const CHILD = join(import.meta.dirname, 'topic-store.child.js');

/** One broker for the tests of a file, and a changefeed for each of them. */
export class TopicStage {
  private server: KafkaServer | null = null;
  private count = 0;

  /** The broker runs from the first test of the file to the last, unless they are skipped. */
  static forFile(skip: string | false): TopicStage {
    const stage = new TopicStage();
    if (skip !== false) return stage;
    before(async () => {
      stage.server = await startKafka();
    });
    after(() => stage.kafka.destroy());
    return stage;
  }

  get kafka(): KafkaServer {
    if (this.server === null) throw new Error('the broker runs in tests alone');
    return this.server;
  }

  newPlace(t: TestContext): Place {
    this.count += 1;
    return { servers: this.kafka.bootstrapServers, changefeed: `shop-${this.count}`, root: tempDir(t) };
  }

  /** Closed with the test. */
  async open(t: TestContext, place: Place, options: Partial<TopicStoreOptions> = {}): Promise<TopicStore> {
    const store = await openStore(place, options);
    t.after(() => store.close());
    return store;
  }

  /** Starts an owner of its own process; resolves once it has stored something. */
  async startChild(t: TestContext, place: Place, lease: Lease = NO_LEASE): Promise<{ child: Child; lines: () => string[] }> {
    const log = join(tempDir(t), 'log');
    const child = new Child(process.execPath, [CHILD, place.servers, place.changefeed, place.root, JSON.stringify(lease)], { log });
    t.after(() => child.wait('SIGKILL', 10_000));
    const lines = (): string[] => readFileSync(log, 'utf8').split('\n').slice(0, -1);
    // A busy broker has been seen to keep those who begin transactions waiting for half a minute.
    await until(() => lines().length > 3, { deadlineMs: 90_000, what: () => `the child to store: ${child.logTail()}` });
    return { child, lines };
  }
}
