import { jsonElements, jsonMembers } from '../support/json-members.ts';
import { VALUE_DIFFERENCES, type GoldenColumn } from './maxwell-differences.ts';

/** First cells of rows in docs/consumers.md. */
export const ORDER = 'columns that only the old row of an update has, with `MINIMAL` and `NOBLOB`';
export const UNIQUE_KEY = 'a table without a primary key that has a unique key without nulls';

export interface ComparisonOptions {
  /** By their names in messages. */
  readonly columnsOf: (table: string) => ReadonlyMap<string, GoldenColumn>;
  readonly nameOf: (field: string) => string;
  /** Tables, as database.table, whose key is unique and not a primary one. */
  readonly uniqueKeys: readonly string[];
}

type Members = ReadonlyMap<string, string>;

/** Compares messages with Maxwell's, byte for byte but for what is documented to differ. */
export class Comparison {
  /** How often each documented difference was met. */
  readonly met = new Map<string, number>();
  private readonly options: ComparisonOptions;

  constructor(options: ComparisonOptions) {
    this.options = options;
  }

  /** Whether `ours` is what Maxwell's `theirs` is to be. */
  areAlike(ours: string, theirs: string): boolean {
    return ours === theirs || this.areAlikeInParts(jsonMembers(ours), jsonMembers(theirs));
  }

  private areAlikeInParts(ours: Members, theirs: Members): boolean {
    const { nameOf, columnsOf, uniqueKeys } = this.options;
    const table = `${JSON.parse(ours.get('database')!)}.${JSON.parse(ours.get('table')!)}`;
    const columns = columnsOf(table);
    const data = jsonMembers(theirs.get('data')!);
    const old = this.withoutWhatLooksAlike(columns, jsonMembers(ours.get('old') ?? '{}'), data, ours.has('old'));
    const names = [...ours.keys()].filter((name) => name !== 'old' || old !== null);
    if (names.join() !== [...theirs.keys()].join()) return false;
    return names.every((name) => {
      const [mine, others] = [ours.get(name)!, theirs.get(name)!];
      if (name === 'data') return this.areRowsAlike(columns, jsonMembers(mine), data);
      if (name === 'old') return this.areRowsAlike(columns, old!, jsonMembers(others));
      if (mine === others) return true;
      const isKey = name === nameOf('primary_key') || name === nameOf('primary_key_columns');
      return isKey && uniqueKeys.includes(table) && jsonElements(others).length === 0 && this.meet(UNIQUE_KEY);
    });
  }

  /** Of old values those that differ from the new ones for Maxwell too; null when none is left of what there was. */
  private withoutWhatLooksAlike(columns: ReadonlyMap<string, GoldenColumn>, old: Members, data: Members, hasOld: boolean): Members | null {
    const left = [...old].filter(([name, value]) => {
      const after = data.get(name);
      return after === undefined || !this.isAlike(columns.get(name)!, value, after);
    });
    if (!hasOld || (left.length === 0 && old.size > 0)) return null;
    return new Map(left);
  }

  private areRowsAlike(columns: ReadonlyMap<string, GoldenColumn>, ours: Members, theirs: Members): boolean {
    const [names, others] = [[...ours.keys()], [...theirs.keys()]];
    if (names.join() !== others.join()) {
      if (names.toSorted().join() !== others.toSorted().join()) return false;
      this.meet(ORDER);
    }
    return names.every((name) => this.isAlike(columns.get(name)!, ours.get(name)!, theirs.get(name)!));
  }

  private isAlike(column: GoldenColumn, ours: string, theirs: string): boolean {
    if (ours === theirs) return true;
    if (ours === 'null') return false;
    const difference = VALUE_DIFFERENCES.find(({ isAllowed }) => isAllowed(column, ours, theirs));
    return difference !== undefined && this.meet(difference.documented);
  }

  private meet(documented: string): true {
    this.met.set(documented, (this.met.get(documented) ?? 0) + 1);
    return true;
  }
}
