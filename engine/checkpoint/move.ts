import { removeCopies, writeCopies } from './copies.ts';
import { recordOf, type CheckpointRecord } from './record.ts';
import type { TopicStore } from './topic-store.ts';

/**
 * Ends a move into the topic. The store was opened so that it adopts a file: where that was the newer one, the topic has it by now, under a
 * newer generation. A move that is cut short anywhere is repeated.
 */
export async function leaveFile(store: TopicStore): Promise<void> {
  await removeCopies(store.directory);
}

/**
 * Moves the checkpoint of an open topic store, which adopted a newer file, into the state directory: the files are durable, under a
 * generation newer than the topic's, before the topic forgets it.
 */
export async function moveToFile(store: TopicStore, record: CheckpointRecord, now: () => number): Promise<void> {
  const { changefeed } = record;
  const mark = { changefeed, generation: store.generation + 1, sequence: 1, writtenAt: new Date(now()).toISOString() };
  await writeCopies(store.directory, recordOf(record, mark));
  await store.clear();
}
