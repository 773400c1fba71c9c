import type { ReadingMode, RecordTopic, TopicEntry } from '../../../engine/checkpoint/record-topic.ts';

/** What a topic holds, for tests of what is made of it: entries are added at will, and none is fenced off. */
export class MemoryTopic implements RecordTopic {
  readonly name = 'checkpoints';
  readonly entries: TopicEntry[] = [];
  reads = 0;
  /** Called before each reading. */
  onRead: () => void = () => {};
  /** Called when somebody becomes the writer. */
  onFence: () => void = () => {};

  add(key: string, value: string | null): void {
    this.entries.push({ offset: this.entries.length, key, value });
  }

  async read(keys: readonly string[], from: number, _mode: ReadingMode, onEntry: (entry: TopicEntry) => void): Promise<number> {
    this.reads += 1;
    this.onRead();
    for (const entry of this.entries) if (entry.offset >= from && keys.includes(entry.key)) onEntry(entry);
    return this.entries.length;
  }

  async becomeWriter(): Promise<void> {
    this.onFence();
  }

  async write(values: Readonly<Record<string, string>>): Promise<void> {
    for (const [key, value] of Object.entries(values)) this.add(key, value === '' ? null : value);
  }

  async renewCredentials(): Promise<void> {}

  async close(): Promise<void> {}
}
