import type { CatalogKey, TableReading } from './catalog-queries.ts';
import { compareLsn, type Lsn } from './lsn.ts';
import type { RelationMessage } from './relation-message.ts';

/** The keys of a table as a Relation message describes it: column indexes in key order. */
export interface BoundKeys {
  readonly primaryKey: readonly number[];
  /** Of the message key: what every insert, update and delete carries a value for. */
  readonly keyColumns: readonly number[];
}

/** Why a key cannot be told for certain. */
export class Doubt {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

export interface BindingInput {
  readonly relation: RelationMessage;
  /** The Relation message holds from here on, or a little later. */
  readonly lsn: Lsn;
  /** What the catalogue was seen to say of the table, newest first. */
  readonly readings: readonly TableReading[];
  /** The newest reading is what the catalogue says now; false when the table is gone now. */
  readonly isCurrent: boolean;
}

type Pick = (reading: TableReading) => CatalogKey | null;
const PRIMARY: Pick = (reading) => reading.primaryKey;
const IDENTITY: Pick = (reading) => reading.identityIndex;

/**
 * Finds the keys that a table had at a place of the stream. The Relation message tells which columns are the replica identity then, but not
 * their order, and of a primary key that is not the identity it tells nothing; the catalogue tells of now, which may be after a DDL that
 * the stream has yet to reach. So what the catalogue says counts only where it can be shown, or where nothing speaks against it:
 *
 * | identity in the message | key | from |
 * |---|---|---|
 * | default or index, one column flagged | that column | the message alone |
 * | default or index, several | the flagged columns | the message; their order from an index with exactly these columns |
 * | default, none flagged | none, or a deferrable primary key | the catalogue |
 * | full (all flagged), nothing, index without its index | the primary key | the catalogue |
 *
 * With identity `index` the primary key is the message key only if the index covers it: a delete carries nothing else.
 */
export function bindKeys(input: BindingInput): BoundKeys | Doubt {
  const flagged = input.relation.columns.filter(({ isKey }) => isKey).map(({ name }) => name);
  switch (input.relation.replicaIdentity) {
    case 'default':
      return flagged.length > 0 ? both(orderFlagged(input, flagged, PRIMARY), input) : both(deferrableKey(input), input);
    case 'full':
    case 'nothing':
      return both(unflaggedKey(input), input);
    case 'index':
      // An index that was dropped identifies nothing.
      return flagged.length > 0 ? identityKeys(input, flagged) : both(unflaggedKey(input), input);
  }
}

function both(names: readonly string[] | Doubt, { relation }: BindingInput): BoundKeys | Doubt {
  if (names instanceof Doubt) return names;
  const columns = indexesOf(names, relation);
  return { primaryKey: columns, keyColumns: columns };
}

function identityKeys(input: BindingInput, flagged: readonly string[]): BoundKeys | Doubt {
  const identity = orderFlagged(input, flagged, IDENTITY);
  const primary = unflaggedKey(input);
  if (identity instanceof Doubt) return identity;
  if (primary instanceof Doubt) return primary;
  const isCovered = primary.length > 0 && primary.every((name) => flagged.includes(name));
  return { primaryKey: indexesOf(primary, input.relation), keyColumns: indexesOf(isCovered ? primary : identity, input.relation) };
}

function indexesOf(names: readonly string[], relation: RelationMessage): number[] {
  return names.map((name) => relation.columns.findIndex((column) => column.name === name));
}

/** The flagged columns in the order of an index that consists of them. */
function orderFlagged({ readings, isCurrent, lsn }: BindingInput, flagged: readonly string[], pick: Pick): readonly string[] | Doubt {
  if (flagged.length < 2) return flagged;
  const matching = readings.filter((reading) => hasSameColumns(pick(reading), flagged));
  const [newest] = matching;
  if (newest === undefined) return new Doubt(`no index of the catalogue consists of (${flagged.join(', ')}), which were the key`);
  const key = pick(newest)!;
  if (isCurrent && newest === readings[0]) {
    if (key.standing === 'settled' || key.standing === 'older') return key.columns;
    if (!matching.some((reading) => isBefore(reading, lsn)))
      return new Doubt(`the key (${key.columns.join(', ')}) was changed after these rows`);
  }
  const orders = new Set(matching.map((reading) => pick(reading)!.columns.join('\0')));
  if (orders.size > 1) return new Doubt(`the order of the key columns (${flagged.join(', ')}) was changed around these rows`);
  return key.columns;
}

/** A deferrable primary key is no replica identity, so nothing is flagged for it, and no row of such a table can be updated or deleted. */
function deferrableKey(input: BindingInput): readonly string[] | Doubt {
  const current = input.isCurrent ? input.readings[0] : undefined;
  return current?.primaryKey?.isImmediate === false ? unflaggedKey(input) : [];
}

/** The primary key where the message does not tell of it. */
function unflaggedKey({ relation, readings, isCurrent, lsn }: BindingInput): readonly string[] | Doubt {
  const [newest] = readings;
  if (newest === undefined) return new Doubt('the table is gone, and its key was never seen');
  const current = isCurrent ? newest : null;
  const key = current?.primaryKey ?? null;
  if (key !== null && key.standing !== 'newer' && covers(relation, key)) return key.columns;
  const agreeing = readings.filter((reading) => agrees(relation, reading));
  if (agreeing.length === 0) {
    if (readings.every(({ primaryKey }) => primaryKey === null)) return [];
    return new Doubt('columns and primary key of the table were changed after these rows');
  }
  const keys = new Set(agreeing.map(({ primaryKey }) => primaryKey?.columns.join('\0') ?? ''));
  if (keys.size > 1) return new Doubt('the primary key of the table was changed around these rows');
  const { primaryKey } = agreeing[0]!;
  if (primaryKey === null) return [];
  if (agreeing[0] === current && !agreeing.some((reading) => isBefore(reading, lsn))) {
    return new Doubt(`the primary key (${primaryKey.columns.join(', ')}) was changed after these rows`);
  }
  return covers(relation, primaryKey) ? primaryKey.columns : new Doubt('the publication does not send all columns of the primary key');
}

function isBefore(reading: TableReading, lsn: Lsn): boolean {
  return compareLsn(reading.firstSeenAt.high, reading.firstSeenAt.low, lsn.high, lsn.low) <= 0;
}

function hasSameColumns(key: CatalogKey | null, names: readonly string[]): boolean {
  return key !== null && key.columns.length === names.length && key.columns.every((name) => names.includes(name));
}

function covers(relation: RelationMessage, key: CatalogKey): boolean {
  return key.columns.every((name) => relation.columns.some((column) => column.name === name));
}

/** Whether a reading shows the table with the message's columns: the same in the same order, but for those that are not published. */
function agrees(relation: RelationMessage, reading: TableReading): boolean {
  let next = 0;
  for (const column of reading.columns) {
    const sent = relation.columns[next];
    const isSent = sent?.name === column.name && sent.typeOid === column.typeOid && sent.typeModifier === column.typeModifier;
    if (isSent) next += 1;
    else if (!column.isGenerated && !reading.hasColumnList) return false;
  }
  return next === relation.columns.length;
}
