import { MillraceError } from '../base/errors.ts';
import { decodeOwner, type Owner } from './owner.ts';
import { decodeRecord, isNewer, type CheckpointRecord } from './record.ts';
import type { ReadingMode, RecordTopic, TopicEntry } from './record-topic.ts';

/** Keys of a changefeed in the topic; its name holds no slash. */
export function keysOf(changefeed: string): { readonly record: string; readonly owner: string } {
  return { record: changefeed, owner: `${changefeed}/owner` };
}

/** A record that could not be read. */
interface Unreadable {
  readonly offset: number;
  readonly error: MillraceError;
}

/**
 * What a topic says of one changefeed, as far as it was read: the records of all owners that compaction has not removed yet.
 *
 *   key                   value
 *   CHANGEFEED            a checkpoint as in a file; a tombstone once it was moved away
 *   CHANGEFEED/owner      who owns it, again and again; a tombstone once that one has ended
 */
export class TopicLog {
  /** The newest checkpoint that can be read: of the newest generation, its last store. */
  record: CheckpointRecord | null = null;
  /** Null when nobody owns it, or whoever did has ended properly. */
  owner: Owner | null = null;
  /** Entries that an owner wrote: as long as this grows, one is alive. */
  signs = 0;
  private readonly changefeed: string;
  private readonly topic: RecordTopic;
  private unreadable: Unreadable[] = [];
  private next = -1;

  constructor(topic: RecordTopic, changefeed: string) {
    this.topic = topic;
    this.changefeed = changefeed;
  }

  /** Reads on to the end. */
  async read(mode: ReadingMode): Promise<void> {
    const { record, owner } = keysOf(this.changefeed);
    this.next = await this.topic.read([record, owner], this.next, mode, (entry) => {
      if (entry.key === owner) this.addOwner(entry.value);
      else this.addRecord(entry);
    });
  }

  /**
   * What could not be read although a checkpoint could.
   * @throws MillraceError STATE_CORRUPT when nothing can be read, STATE_VERSION for a checkpoint of a newer Millrace
   */
  damage(): readonly string[] {
    const newer = this.unreadable.find(({ error }) => error.code === 'STATE_VERSION');
    if (newer !== undefined) throw newer.error;
    const reasons = this.unreadable.map(({ error }) => error.message);
    if (this.record === null && reasons.length > 0) throw nothingToTrust(this.topic.name, this.changefeed, reasons);
    return reasons;
  }

  /** The generation of whoever comes next. */
  get nextGeneration(): number {
    return Math.max(this.record?.generation ?? 0, this.owner?.generation ?? 0) + 1;
  }

  private addOwner(value: string | null): void {
    const owner = value === null ? null : decodeOwner(value);
    if (value !== null && owner === null) return;
    this.signs += 1;
    if (owner === null || this.owner === null || owner.generation >= this.owner.generation) this.owner = owner;
  }

  private addRecord({ value, offset }: TopicEntry): void {
    if (value === null) {
      this.record = null;
      this.unreadable = [];
      return;
    }
    const place = `the record at offset ${offset} of topic ${this.topic.name}`;
    try {
      const record = decodeRecord(Buffer.from(value), place);
      if (record.changefeed !== this.changefeed) throw foreign(place, record.changefeed);
      this.signs += 1;
      if (this.record !== null && !isNewer(record, this.record)) return;
      this.record = record;
      this.unreadable = [];
    } catch (error) {
      if (!(error instanceof MillraceError)) throw error;
      this.unreadable.push({ offset, error });
    }
  }
}

function foreign(place: string, changefeed: string): MillraceError {
  return new MillraceError('STATE_CORRUPT', `${place} cannot be trusted: it is the checkpoint of changefeed "${changefeed}".`);
}

function nothingToTrust(topic: string, changefeed: string, reasons: readonly string[]): MillraceError {
  const message =
    `No checkpoint of changefeed "${changefeed}" in topic ${topic} can be trusted. ${reasons.join(' ')} ` +
    'Run `millrace position reset` to start where the slot stands.';
  return new MillraceError('STATE_CORRUPT', message, { topic });
}
