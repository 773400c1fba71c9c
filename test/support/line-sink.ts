import type { TableSchema } from '../../engine/change/table-schema.ts';

export const OPERATIONS = ['insert', 'update', 'delete'] as const;

/** What the sinks have in common that write down every call as a line. */
export abstract class LineSink {
  readonly lines: string[] = [];
  readonly schemas: TableSchema[] = [];
  wantsOrigin = false;
  /** So many row calls are refused before the next one is taken. */
  refusals = 0;
  /** Tables, as schema.table, whose rows are not wanted. */
  readonly unwanted = new Set<string>();
  private readonly byId = new Map<number, TableSchema>();

  schema(schema: TableSchema): boolean {
    this.schemas.push(schema);
    this.byId.set(schema.id, schema);
    return !this.unwanted.has(nameOf(schema));
  }

  beginWithoutXid(microsHigh: number, microsLow: number): void {
    this.lines.push(`begin - ${timeText(microsHigh, microsLow)}`);
  }

  truncate(schemaIds: readonly number[]): void {
    this.lines.push(`truncate ${schemaIds.map((id) => nameOf(this.schemaOf(id))).join(', ')}`);
  }

  /** The lines of rows and TRUNCATEs alone, which do not depend on when they were made. */
  get changes(): string[] {
    return this.lines.filter((line) => /^(insert|update|delete|truncate)/.test(line));
  }

  protected schemaOf(id: number): TableSchema {
    return this.byId.get(id)!;
  }

  /** A row is to be refused. */
  protected refuses(): boolean {
    if (this.refusals === 0) return false;
    this.refusals -= 1;
    return true;
  }
}

export function nameOf({ schema, table }: TableSchema): string {
  return `${schema}.${table}`;
}

/** Microseconds since 1970, as two words. */
export function timeText(high: number, low: number): string {
  const micros = BigInt.asIntN(64, (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0));
  const fraction = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const second = new Date(Number((micros - fraction) / 1000n)).toISOString().slice(0, 19);
  return `${second}.${String(fraction).padStart(6, '0')}Z`;
}

/** The long texts of values are cut. */
export function cutText(text: string): string {
  return text.length > 100 ? `${text.slice(0, 10)}...(${text.length})` : text;
}
