import type pg from 'pg';
import { isInstalled, MARIADB } from '../../test/support/mysql-install.ts';
import { startMariadb } from '../../test/support/mariadb.ts';
import { startPostgres } from '../../test/support/postgres.ts';
import { MARIADB_SHOP, POSTGRES_SHOP, type Shop } from './shop.ts';

export type Row = Readonly<Record<string, unknown>>;

/** The database that the demo writes to, over one connection. */
export interface DemoDatabase {
  /** What it is and where, for people. */
  readonly title: string;
  readonly url: string;
  /** Command that opens a prompt of it. */
  readonly prompt: string;
  readonly shop: Shop;
  query(text: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  stop(): Promise<void>;
}

/** @throws Error when there is no MariaDB on this machine */
export async function startDatabase(kind: 'postgres' | 'mariadb'): Promise<DemoDatabase> {
  return kind === 'postgres' ? await postgres() : await mariadb();
}

async function postgres(): Promise<DemoDatabase> {
  const server = await startPostgres({ version: '18' });
  const client = await server.client();
  return {
    title: `PostgreSQL ${server.version} on 127.0.0.1:${server.port}`,
    url: server.url(),
    prompt: `psql '${server.url()}'`,
    shop: POSTGRES_SHOP,
    query: async (text, values = []) => (await client.query<pg.QueryResultRow>(preparedWith(text, values))).rows,
    stop: async () => {
      await client.end();
      await server.destroy();
    },
  };
}

/** Statements with values are prepared once, under their own text; a name may have 63 bytes. */
function preparedWith(text: string, values: readonly unknown[]): pg.QueryConfig {
  return values.length === 0 ? { text } : { name: text.slice(0, 60), text, values: [...values] };
}

async function mariadb(): Promise<DemoDatabase> {
  if (!isInstalled(MARIADB)) throw new Error('there is no MariaDB on this machine: apt-get install mariadb-server');
  const server = await startMariadb();
  const client = await server.client();
  const [answer] = await server.query<{ version: string }>('SELECT VERSION() AS version');
  return {
    title: `MariaDB ${answer?.version ?? ''} on 127.0.0.1:${server.port}`,
    url: server.url(),
    prompt: `mariadb -h 127.0.0.1 -P ${server.port} -u root`,
    shop: MARIADB_SHOP,
    query: async (text, values = []) => {
      const [rows] = await client.query(text, [...values]);
      return Array.isArray(rows) ? (rows as Row[]) : [];
    },
    stop: async () => {
      await client.end();
      await server.destroy();
    },
  };
}
