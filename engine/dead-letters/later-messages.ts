import { nameOfLetter, type StoredLetter } from './stored-letter.ts';
import type { TopicReader } from './topic-reader.ts';

/** Header of a message that was sent again: the letter that it comes from. */
export const REPLAY_HEADER = 'millrace.replay-of';

/** A message that a letter becomes. */
export interface Destination {
  readonly topic: string;
  readonly partition: number;
  readonly key: Buffer | null;
}

/** What a topic holds that speaks against sending a letter again; null when nothing does. */
export type Objection =
  /** A message of the key that came after the row: the replay would put the older row behind it. */
  | { readonly kind: 'overtaken'; readonly topic: string; readonly partition: number; readonly offset: number }
  | { readonly kind: 'replayed'; readonly topic: string; readonly partition: number; readonly offset: number }
  /** Messages that came after the row were deleted already: nobody can tell. */
  | { readonly kind: 'unknown'; readonly topic: string; readonly partition: number };

/** How far before its letter's time a row's later messages are looked for where no offset tells: clocks may differ so much. */
const CLOCK_MS = 60_000;

/** A letter that is to be sent again and what it would become. */
export interface Candidate {
  readonly letter: StoredLetter;
  readonly destinations: readonly Destination[];
}

interface Watched {
  readonly letter: StoredLetter;
  readonly key: string | null;
  readonly from: number;
}

/**
 * Looks in the topics for what came after the rows of letters: later messages of their keys, and the letters themselves, sent again before.
 * Nobody else may write meanwhile: the changefeed must not run.
 */
export async function objectionsTo(reader: TopicReader, candidates: readonly Candidate[]): Promise<Map<StoredLetter, Objection>> {
  const objections = new Map<StoredLetter, Objection>();
  const watched = new Map<string, Watched[]>();
  for (const { letter, destinations } of candidates) {
    for (const { topic, partition, key } of destinations) {
      const from = await beginningOf(reader, letter, topic, partition);
      const { low } = await reader.bounds(topic, partition);
      if (from < low) objections.set(letter, { kind: 'unknown', topic, partition });
      const place = JSON.stringify([topic, partition]);
      watched.set(place, [...(watched.get(place) ?? []), { letter, key: key?.toString('latin1') ?? null, from }]);
    }
  }
  for (const [place, letters] of watched) {
    const [topic, partition] = JSON.parse(place) as [string, number];
    await lookThrough(reader, topic, partition, letters, objections);
  }
  return objections;
}

/** Where later messages of the letter's partition begin: as the letter says, else by its time. */
async function beginningOf(reader: TopicReader, { to, time }: StoredLetter, topic: string, partition: number): Promise<number> {
  if (to.offset !== null && to.topic === topic && to.partition === partition) return to.offset;
  return await reader.offsetAt(topic, partition, Date.parse(time) - CLOCK_MS);
}

async function lookThrough(
  reader: TopicReader,
  topic: string,
  partition: number,
  letters: readonly Watched[],
  objections: Map<StoredLetter, Objection>,
): Promise<void> {
  const byKey = new Map<string | null, Watched[]>();
  for (const one of letters) byKey.set(one.key, [...(byKey.get(one.key) ?? []), one]);
  await reader.read(topic, partition, Math.min(...letters.map(({ from }) => from)), ({ offset, key, headers }) => {
    const origin = headers.get(REPLAY_HEADER)?.toString('utf8') ?? null;
    // A row without a key has its replay alone to look for.
    const ofKey = key === null ? [] : (byKey.get(key.toString('latin1')) ?? []);
    for (const { letter, from } of new Set([...ofKey, ...letters.filter((one) => nameOfLetter(one.letter) === origin)])) {
      if (nameOfLetter(letter) === origin) objections.set(letter, { kind: 'replayed', topic, partition, offset });
      else if (offset < from || isOlder(origin, letter) || objections.get(letter)?.kind === 'replayed') continue;
      else objections.set(letter, { kind: 'overtaken', topic, partition, offset });
    }
  });
}

/** Whether the message is an earlier letter of the key, sent again. */
function isOlder(origin: string | null, letter: StoredLetter): boolean {
  const place = `${letter.topic}:${letter.partition}:`;
  return origin !== null && origin.startsWith(place) && Number(origin.slice(place.length)) < letter.offset;
}
