import { sql, type Remedy } from '../../base/remedy.ts';
import type { Session } from './connection.ts';
import { isSystemDatabase, kindOf, quotedName } from './selection.ts';

/** Something that `MILLRACE_TABLES` can name; as `millrace objects --json` prints it. */
export interface MysqlObject {
  readonly database: string;
  readonly name: string;
  /** Somebody holds it locked: the server tells nothing but its name. */
  readonly locked: boolean;
  /** InnoDB, MyISAM ...; null where the server does not tell. */
  readonly engine: string | null;
  /** Columns of the primary key; empty without one. */
  readonly key: readonly string[];
  /** Without indexes beside that of the primary key; null where the server does not tell. */
  readonly bytes: number | null;
  /** The server's estimate; null where it has none. */
  readonly rows: number | null;
  readonly lacks: readonly { readonly what: string; readonly remedies: readonly Remedy[] }[];
}

const OBJECTS = `
  SELECT t.TABLE_SCHEMA AS db, t.TABLE_NAME AS name, t.TABLE_TYPE AS kind,
         t.ENGINE AS engine, t.DATA_LENGTH AS bytes, t.TABLE_ROWS AS amount, t.TABLE_COMMENT AS comment
    FROM information_schema.TABLES t WHERE t.TABLE_TYPE NOT IN ('SYSTEM VIEW', 'TEMPORARY') ORDER BY 1, 2`;
const KEYS = `
  SELECT TABLE_SCHEMA AS db, TABLE_NAME AS name, COLUMN_NAME AS \`column\` FROM information_schema.STATISTICS
   WHERE INDEX_NAME = 'PRIMARY' ORDER BY 1, 2, SEQ_IN_INDEX`;

/** What MariaDB says of a table in place of its comment when somebody holds it locked for longer than it waits; MySQL never waits. */
const LOCKED = /^Lock wait timeout exceeded/;

/** Every table that the account may see and whose changes can be exported. */
export async function readMysqlObjects(session: Session): Promise<MysqlObject[]> {
  await session.query("SET SESSION lock_wait_timeout = 1, lc_messages = 'en_US'");
  const keys = new Map<string, string[]>();
  for (const row of await session.query(KEYS)) {
    const name = JSON.stringify([row['db'], row['name']]);
    keys.set(name, [...(keys.get(name) ?? []), row['column'] ?? '']);
  }
  const rows = await session.query(OBJECTS);
  const tables = rows.filter((row) => kindOf(row['kind'] ?? '') === 'table' && !isSystemDatabase(row['db'] ?? ''));
  return tables.map((row) => {
    const key = keys.get(JSON.stringify([row['db'], row['name']])) ?? [];
    const [database, name] = [row['db'] ?? '', row['name'] ?? ''];
    const engine = row['engine'] ?? null;
    const locked = engine === null && LOCKED.test(row['comment'] ?? '');
    return {
      database,
      name,
      locked,
      engine,
      key,
      bytes: numberOf(row['bytes']),
      rows: numberOf(row['amount']),
      lacks: locked || key.length > 0 ? [] : [keyLack(database, name)],
    };
  });
}

function keyLack(database: string, table: string): MysqlObject['lacks'][number] {
  const remedies = [sql(`ALTER TABLE ${quotedName({ database, table })} ADD PRIMARY KEY (...);`)];
  return { what: 'a primary key, for keys of messages', remedies };
}

function numberOf(text: string | null | undefined): number | null {
  return text === null || text === undefined ? null : Number(text);
}
