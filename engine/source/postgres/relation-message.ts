import { MillraceError } from '../../base/errors.ts';

/** One column of a Relation message. */
export interface RelationColumn {
  readonly name: string;
  /** Part of the replica identity; with REPLICA IDENTITY FULL every column is. */
  readonly isKey: boolean;
  readonly typeOid: number;
  readonly typeModifier: number;
}

/** pgoutput's Relation message: a table as it was at that place of the stream (PostgreSQL manual 55.9). */
export interface RelationMessage {
  readonly relationId: number;
  readonly schema: string;
  readonly table: string;
  readonly replicaIdentity: 'default' | 'full' | 'index' | 'nothing';
  readonly columns: readonly RelationColumn[];
}

/** pgoutput's Type message: the name of a type that is not built in. */
export interface TypeMessage {
  readonly typeOid: number;
  readonly schema: string;
  readonly name: string;
}

const IDENTITIES: Readonly<Record<string, RelationMessage['replicaIdentity']>> = { d: 'default', f: 'full', i: 'index', n: 'nothing' };

/**
 * Reads the body of a Relation message, its type byte left out.
 * @throws MillraceError `STREAM_PROTOCOL`, or `TEXT_NOT_UTF8` for a name that is not UTF-8
 */
export function parseRelation(bytes: Uint8Array, start: number, end: number): RelationMessage {
  const cursor = new Cursor(bytes, start, end);
  const relationId = cursor.u32();
  // pg_catalog is sent as an empty string.
  const schema = cursor.text() || 'pg_catalog';
  const table = cursor.text();
  const identity = String.fromCharCode(cursor.u8());
  const replicaIdentity = IDENTITIES[identity];
  if (replicaIdentity === undefined) throw malformed(`replica identity \`${identity}\``);
  const columns: RelationColumn[] = [];
  for (let left = cursor.u16(); left > 0; left--) {
    const isKey = (cursor.u8() & 1) !== 0;
    columns.push({ isKey, name: cursor.text(), typeOid: cursor.u32(), typeModifier: cursor.u32() | 0 });
  }
  cursor.finish();
  return { relationId, schema, table, replicaIdentity, columns };
}

/**
 * Reads the body of a Type message, its type byte left out.
 * @throws MillraceError as `parseRelation`
 */
export function parseType(bytes: Uint8Array, start: number, end: number): TypeMessage {
  const cursor = new Cursor(bytes, start, end);
  const type = { typeOid: cursor.u32(), schema: cursor.text() || 'pg_catalog', name: cursor.text() };
  cursor.finish();
  return type;
}

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** Reads a message that comes seldom, with every bound checked. */
class Cursor {
  private readonly bytes: Uint8Array;
  private readonly end: number;
  private at: number;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
  }

  u8(): number {
    if (this.at >= this.end) throw malformed('too short');
    return this.bytes[this.at++]!;
  }

  u16(): number {
    return this.u8() * 0x100 + this.u8();
  }

  u32(): number {
    return this.u16() * 0x1_0000 + this.u16();
  }

  /** Text that ends with a zero byte. */
  text(): string {
    const zero = this.bytes.indexOf(0, this.at);
    if (zero < 0 || zero >= this.end) throw malformed('a name does not end');
    const slice = this.bytes.subarray(this.at, zero);
    this.at = zero + 1;
    try {
      return UTF8.decode(slice);
    } catch {
      const name = new TextDecoder('latin1').decode(slice);
      const message = `The name \`${name}\` (shown as Latin-1) of a schema, table, column or type is not UTF-8: the database's character set is SQL_ASCII.`;
      throw new MillraceError('TEXT_NOT_UTF8', message, { name });
    }
  }

  finish(): void {
    if (this.at !== this.end) throw malformed(`${this.end - this.at} bytes too long`);
  }
}

function malformed(why: string): MillraceError {
  return new MillraceError('STREAM_PROTOCOL', `A message that describes a table or type is malformed: ${why}.`);
}
