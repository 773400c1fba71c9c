import kafka from '@confluentinc/kafka-javascript';
import { replaceFile } from '../../engine/checkpoint/atomic-file.ts';

const SAMPLE_MS = 200;
const ANSWER_MS = 1000;

interface Sample {
  readonly atMs: number;
  readonly offsets: readonly number[];
}

/**
 * Watches a topic's end offsets, to know later how far it was at a time. A broker that does not answer leaves the last sample standing.
 * Each sample is an answer of the broker and a store on the disk of the checkpoints: on a machine that stands still none is taken, so that
 * their number tells how often a changefeed could have stored.
 */
export class OffsetWatch {
  private readonly topic: string;
  private readonly partitions: number;
  private readonly directory: string;
  private readonly consumer: InstanceType<typeof kafka.KafkaConsumer>;
  private readonly samples: Sample[] = [];
  private timer: NodeJS.Timeout | null = null;
  private asking = false;

  constructor(bootstrapServers: string, topic: string, partitions: number, directory: string) {
    this.topic = topic;
    this.partitions = partitions;
    this.directory = directory;
    const properties = { 'bootstrap.servers': bootstrapServers, 'group.id': 'offset-watch', 'reconnect.backoff.max.ms': 100 };
    this.consumer = new kafka.KafkaConsumer(properties, {});
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.consumer.connect({}, (error) => (error ? reject(new Error(error.message)) : resolve()));
    });
    this.timer = setInterval(() => void this.sample(), SAMPLE_MS);
  }

  async stop(): Promise<void> {
    if (this.timer !== null) clearInterval(this.timer);
    await new Promise<void>((resolve) => this.consumer.disconnect(() => resolve()));
  }

  /** End offsets now. Rejects when the broker does not answer. */
  async now(): Promise<number[]> {
    return await Promise.all(Array.from({ length: this.partitions }, (_, partition) => this.endOf(partition)));
  }

  /** The newest sample that was taken at or before `atMs`, and has at least `count` behind it; zeros when there is none. */
  at(atMs: number, count: number): readonly number[] {
    const found = this.samples.findLastIndex((sample) => sample.atMs <= atMs);
    return this.samples[Math.min(found, this.samples.length - 1 - count)]?.offsets ?? Array<number>(this.partitions).fill(0);
  }

  private async sample(): Promise<void> {
    if (this.asking) return;
    this.asking = true;
    try {
      const offsets = await this.now();
      const atMs = performance.now();
      await replaceFile(this.directory, 'offset-watch', Buffer.from(String(offsets)));
      // The time of the answer: all that it tells of was delivered by then. At the time of asking some of it may not have been.
      this.samples.push({ atMs, offsets });
    } catch {
      // The broker is down, which some kills are about.
    } finally {
      this.asking = false;
    }
  }

  private endOf(partition: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.consumer.queryWatermarkOffsets(this.topic, partition, ANSWER_MS, (error, offsets) =>
        error ? reject(new Error(error.message)) : resolve(offsets.highOffset),
      );
    });
  }
}
