import type { TopicFacts } from './topics.ts';

export type WatchedTopic = Pick<TopicFacts, 'name' | 'partitions'>;

export interface PartitionWatchParts {
  readonly topics: readonly WatchedTopic[];
  /** The partitions that a topic has now; 0 when that cannot be told. */
  readonly count: (topic: string) => Promise<number>;
  readonly warn: (message: string, topic: string) => void;
}

/** Topics of one look: a thousand of them are no thousand requests at once. */
const TOPICS_PER_LOOK = 20;

/**
 * Notices topics that get more partitions while the changefeed runs. Their rows keep to the partitions that there were at the start, so
 * that keys stay where they are; whoever added the partitions must know.
 */
export class PartitionWatch {
  private readonly parts: PartitionWatchParts;
  private readonly told = new Map<string, number>();
  private next = 0;
  private isLooking = false;

  constructor(parts: PartitionWatchParts) {
    this.parts = parts;
  }

  /** Asks for the next few topics in turn. What cannot be answered is asked again in its next turn. */
  async look(): Promise<void> {
    if (this.isLooking) return;
    this.isLooking = true;
    try {
      const { topics } = this.parts;
      for (let looks = Math.min(TOPICS_PER_LOOK, topics.length); looks > 0; looks--) {
        this.next = (this.next + 1) % topics.length;
        await this.lookAt(topics[this.next]!);
      }
    } finally {
      this.isLooking = false;
    }
  }

  private async lookAt({ name, partitions }: WatchedTopic): Promise<void> {
    const now = await this.parts.count(name).catch(() => 0);
    if (now <= partitions || this.told.get(name) === now) return;
    this.told.set(name, now);
    const message =
      `topic ${name} has ${now} partitions now: rows keep to the ${partitions} that it had at the start, so that keys stay in their partitions. ` +
      'The next start refuses the other count; let consumers drain the topic then, and run: millrace position reset';
    this.parts.warn(message, name);
  }
}
