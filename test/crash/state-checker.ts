import { keyOf, type RowChange } from './history.ts';
import type { ReadBack } from './evidence.ts';
import { TRUNCATED_TABLE } from './work.ts';

/**
 * Replays the topic in order, key by key, and holds what comes of it against the tables: what a consumer has at the end is what the
 * database has. Of the table that is truncated keys may be left over, since no message tells of a TRUNCATE.
 *
 * @param table version by key
 */
export function checkState({ rows, seen }: ReadBack, table: ReadonlyMap<string, number>): string[] {
  const replayed = new Map<string, number | null>();
  const left = new Set<string>();
  const take = ({ table: name, id, oldId, version }: RowChange) => {
    replayed.set(keyOf({ table: name, id }), version);
    // The old key's own messages lie in another partition, where nothing says when it ended; no writer uses it again.
    if (oldId !== null) left.add(keyOf({ table: name, id: oldId }));
  };
  // In each partition the rows of the snapshot come before the stream: `checkSnapshot` holds them to it.
  for (const { change } of rows) take(change);
  for (const { change } of seen) take(change);
  const problems: string[] = [];
  for (const [key, version] of table) {
    if (left.has(key)) problems.push(`state: ${key} is in the table, and a message says that it was given another key`);
    const found = replayed.get(key);
    if (found !== version) problems.push(`state: ${key} has version ${version} in the table, and ${found ?? 'none'} by the messages`);
  }
  for (const [key, version] of replayed) {
    if (version === null || table.has(key) || left.has(key) || key.startsWith(TRUNCATED_TABLE)) continue;
    problems.push(`state: ${key} is not in the table, and has version ${version} by the messages`);
  }
  return problems;
}
