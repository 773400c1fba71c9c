import { createHash } from 'node:crypto';
import { DEAD_LETTER_REASONS, type DeadLetterReason, LetterHeader } from '../change/dead-letter.ts';
import { type LetterRow, parseLetterRow } from '../change/letter-row.ts';
import type { TopicRecord } from './topic-reader.ts';

/** A dead letter as it lies in its topic. */
export interface StoredLetter {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly changefeed: string;
  readonly reason: DeadLetterReason;
  readonly message: string;
  readonly position: string;
  readonly table: string;
  readonly operation: string;
  /** As text, as far as it is known. */
  readonly key: string | null;
  /** Where the message would have gone. */
  readonly to: { readonly topic: string; readonly partition: number | null; readonly offset: number | null };
  /** ISO 8601, UTC. */
  readonly time: string;
  /** Of the whole row. */
  readonly bytes: number;
  /** What the row is sent again with; null where its first bytes are all there is. */
  readonly row: LetterRow | null;
  /** The row's images, or their first bytes. */
  readonly data: Buffer;
}

/** A message of the topic as a letter; null for what is none, which others may have put there. */
export function storedLetter({ topic, partition, offset, value, headers }: TopicRecord): StoredLetter | null {
  const text = (name: string) => headers.get(name)?.toString('utf8') ?? null;
  const number = (name: string) => (headers.has(name) ? Number(text(name)) : null);
  const reason = DEAD_LETTER_REASONS.find((known) => known === text(LetterHeader.reason));
  if (reason === undefined) return null;
  const row = text(LetterHeader.row);
  return {
    topic,
    partition,
    offset,
    changefeed: text(LetterHeader.changefeed) ?? '',
    reason,
    message: text(LetterHeader.message) ?? '',
    position: text(LetterHeader.position) ?? '',
    table: text(LetterHeader.table) ?? '',
    operation: text(LetterHeader.operation) ?? '',
    key: text(LetterHeader.key),
    to: { topic: text(LetterHeader.topic) ?? '', partition: number(LetterHeader.partition), offset: number(LetterHeader.offset) },
    time: text(LetterHeader.time) ?? '',
    bytes: number(LetterHeader.bytes) ?? 0,
    row: row === null ? null : parseLetterRow(row),
    data: headers.get(LetterHeader.data) ?? value ?? Buffer.alloc(0),
  };
}

/** How a letter is named on the command line. */
export function nameOfLetter({ topic, partition, offset }: Pick<StoredLetter, 'topic' | 'partition' | 'offset'>): string {
  return `${topic}:${partition}:${offset}`;
}

/** What tells rows apart: a row that a restart reads again gives a second letter of the same row. */
export function identityOf({ table, position, operation, row, data, key }: StoredLetter): string {
  // Rows of a snapshot have one position all, and another number in each run.
  const content = createHash('sha256').update(data).digest('base64');
  return JSON.stringify([table, position, operation, key, row?.isSnapshot === true ? null : row?.xoffset, content]);
}
