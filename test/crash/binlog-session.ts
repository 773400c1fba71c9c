import type { Connection } from 'mysql2/promise';
import type { Series, Session } from './ledger.ts';

/** A table of the numbers from 0 on, as many as rows are ever inserted at once. */
export const NUMBERS_TABLE = 'numbers';

/** The column is there already, or no more. */
const NOTHING_TO_DO: ReadonlySet<unknown> = new Set(['ER_DUP_FIELDNAME', 'ER_CANT_DROP_FIELD_OR_KEY']);

/** A connection to MariaDB or MySQL. */
export class BinlogSession implements Session {
  private readonly client: Connection;
  private readonly numberFor: (attempt: string) => number;

  constructor(client: Connection, numberFor: (attempt: string) => number) {
    this.client = client;
    this.numberFor = numberFor;
  }

  query(sql: string, values: readonly (string | number)[] = []): Promise<unknown> {
    return this.client.query(sql.replaceAll(/\$(\d+)/g, (_, place: string) => this.client.escape(values[Number(place) - 1])));
  }

  async begin(attempt: string): Promise<number> {
    const number = this.numberFor(attempt);
    await this.query('BEGIN');
    await this.query('INSERT INTO ledger VALUES ($1)', [attempt]);
    return number;
  }

  async insertSeries({ table, first, last, id, version, padBytes }: Series): Promise<void> {
    await this.query(
      `INSERT INTO ${table} (id, version, pad)
       SELECT ${id}, $1, left(repeat(md5(n), $2 DIV 32 + 1), $2) FROM (SELECT n + $3 AS n FROM ${NUMBERS_TABLE} WHERE n <= $4) s`,
      [version, padBytes, first, last - first],
    );
  }

  async changeColumns(table: string, isAdded: boolean): Promise<void> {
    // MySQL has no IF EXISTS for it.
    await this.query(`ALTER TABLE ${table} ${isAdded ? 'ADD COLUMN extra int DEFAULT 7' : 'DROP COLUMN extra'}`).catch((error: unknown) => {
      if (!NOTHING_TO_DO.has((error as { code?: unknown }).code)) throw error;
    });
  }

  async wasCommitted(attempt: string, commitSent: boolean): Promise<boolean> {
    if (!commitSent) return false;
    const [rows] = await this.client.query('SELECT 1 FROM ledger WHERE attempt = ?', [attempt]);
    return (rows as readonly unknown[]).length === 1;
  }

  end(): Promise<void> {
    return this.client.end();
  }
}
