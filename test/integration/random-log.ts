import type { Random } from '../crash/random.ts';
import type { MysqlServer } from '../support/mysql-server.ts';

/** Columns whose values the server's own tool writes without loss. */
export const RANDOM_COLUMNS = [
  { name: 'id', type: 'int NOT NULL PRIMARY KEY' },
  { name: 'tiny', type: 'tinyint' },
  { name: 'medium', type: 'mediumint' },
  { name: 'big', type: 'bigint unsigned' },
  { name: 'price', type: 'decimal(20,6)' },
  { name: 'ratio', type: 'double' },
  { name: 'short', type: 'varchar(40)' },
  { name: 'fixed', type: 'char(10)' },
  { name: 'note', type: 'text' },
  { name: 'day', type: 'date' },
  { name: 'at', type: 'datetime(6)' },
  { name: 'span', type: 'time(3)' },
  { name: 'y', type: 'year' },
  { name: 'flags', type: 'bit(13)' },
] as const;
export type RandomColumn = (typeof RANDOM_COLUMNS)[number]['name'];

const IMAGES = ['FULL', 'MINIMAL', 'NOBLOB'] as const;
const WORDS = ['', 'a', "it's", 'back\\slash', 'ümläut', '日本語', 'line\nbreak', 'x'.repeat(30)];

/** SQL of a random value. */
function literal(name: RandomColumn, random: Random): string {
  if (name !== 'id' && random.below(5) === 0) return 'NULL';
  const sign = random.below(2) === 0 ? '-' : '';
  const text = () => `'${random.pick(WORDS).replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
  const two = (below: number) => String(random.below(below)).padStart(2, '0');
  const date = () =>
    `${1000 + random.below(8999)}-${String(1 + random.below(12)).padStart(2, '0')}-${String(1 + random.below(28)).padStart(2, '0')}`;
  switch (name) {
    case 'id':
      throw new Error('ids are given');
    case 'tiny':
      return String(random.below(256) - 128);
    case 'medium':
      return String(random.below(2 ** 24) - 2 ** 23);
    case 'big':
      return String(BigInt(random.below(2 ** 32)) * BigInt(random.below(2 ** 32)));
    case 'price':
      return `${sign}${random.below(1_000_000_000)}.${String(random.below(1_000_000)).padStart(6, '0')}`;
    case 'ratio':
      return `${sign}${random.below(100_000)}.${random.pick(['5', '25', '125'])}`;
    case 'short':
      return text();
    case 'fixed':
      return `'${'abc'.slice(0, random.below(4))}'`;
    case 'note':
      return random.below(4) === 0 ? `REPEAT('long', ${random.below(300)})` : text();
    case 'day':
      return `'${date()}'`;
    case 'at':
      return `'${date()} ${two(24)}:${two(60)}:${two(60)}.${String(random.below(1_000_000)).padStart(6, '0')}'`;
    case 'span':
      return `'${sign}${two(839)}:${two(60)}:${two(60)}.${String(random.below(1000)).padStart(3, '0')}'`;
    case 'y':
      return String(1901 + random.below(250));
    case 'flags':
      return String(random.below(2 ** 13));
  }
}

export interface RandomLogOptions {
  /** Is made. */
  readonly database: string;
  readonly random: Random;
  readonly statements: number;
}

/** Makes a table `t` and changes it at random, in transactions that end one way or the other, with every row image. */
export async function writeRandomLog(server: MysqlServer, { database, random, statements }: RandomLogOptions): Promise<void> {
  const columns = RANDOM_COLUMNS.map(({ name, type }) => `\`${name}\` ${type}`).join();
  await server.query(`CREATE DATABASE \`${database}\`; USE \`${database}\`; CREATE TABLE t (${columns})`);
  const client = await server.client({ database });
  const others = RANDOM_COLUMNS.map(({ name }) => name).filter((name) => name !== 'id');
  let lastId = 0;
  let isOpen = false;
  for (let i = 0; i < statements; i++) {
    const end = random.next();
    if (!isOpen && end < 0.2) await client.query('BEGIN; SAVEPOINT s');
    if (isOpen && end < 0.1) await client.query('ROLLBACK TO SAVEPOINT s');
    if (isOpen && end > 0.7) await client.query(end < 0.8 ? 'ROLLBACK' : 'COMMIT');
    isOpen = isOpen ? end <= 0.7 : end < 0.2;
    if (!isOpen && random.below(20) === 0) await client.query(`SET SESSION binlog_row_image = ${random.pick(IMAGES)}`);
    const draw = random.next();
    if (lastId === 0 || draw < 0.5) {
      const rows = Array.from(
        { length: 1 + random.below(4) },
        () => `(${[++lastId, ...others.map((name) => literal(name, random))].join()})`,
      );
      await client.query(`INSERT INTO t VALUES ${rows.join()}`);
    } else if (draw < 0.85) {
      const names = others.filter(() => random.below(4) === 0);
      const sets = (names.length > 0 ? names : [others[0]!]).map((name) => `\`${name}\` = ${literal(name, random)}`);
      await client.query(`UPDATE t SET ${sets.join()} WHERE id BETWEEN ${random.below(lastId)} AND ${random.below(lastId + 4)}`);
    } else await client.query(`DELETE FROM t WHERE id = ${random.below(lastId + 1)}`);
  }
  await client.query('COMMIT');
  await client.end();
}
