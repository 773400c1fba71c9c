import type { CatalogKey, TableReading } from './catalog-queries.ts';

/** Readings of one table that are kept: as many changes of it as the stream may be behind. */
const KEPT = 8;

/** What the catalogue was seen to say of each table, newest first. Readings in a row that say the same are one. */
export class Readings {
  private readonly tables = new Map<number, readonly TableReading[]>();

  of(relationId: number): readonly TableReading[] {
    return this.tables.get(relationId) ?? [];
  }

  remember(reading: TableReading): void {
    const [last, ...earlier] = this.of(reading.relationId);
    const kept = forAnyTransaction(reading);
    const isSame = last !== undefined && contentOf(last) === contentOf(kept);
    const readings = isSame
      ? [{ ...kept, firstSeenAt: last.firstSeenAt }, ...earlier]
      : last === undefined
        ? [kept]
        : [kept, last, ...earlier];
    this.tables.set(reading.relationId, readings.slice(0, KEPT));
  }
}

/** That a key is older than one transaction does not make it older than another. */
function forAnyTransaction(reading: TableReading): TableReading {
  const keyFor = (key: CatalogKey | null): CatalogKey | null => (key?.standing === 'older' ? { ...key, standing: 'newer' } : key);
  return { ...reading, primaryKey: keyFor(reading.primaryKey), identityIndex: keyFor(reading.identityIndex) };
}

function contentOf({ name, ancestors, columns, hasColumnList, primaryKey, identityIndex }: TableReading): string {
  return JSON.stringify([name, ancestors, columns, hasColumnList, primaryKey?.columns, primaryKey?.isImmediate, identityIndex?.columns]);
}
