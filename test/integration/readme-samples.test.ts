import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { ByteView } from '../../engine/base/byte-view.ts';
import { compileKey, type KeyFormat } from '../../engine/dispatch/key.ts';
import { SHOP_SCHEMA, SHOP_STOCK } from '../../scripts/demo/shop.ts';
import { consume } from '../support/consume.ts';
import type { ConsumedRecord } from '../support/kcat-parser.ts';
import { blockOf } from '../support/handbook.ts';
import { startMariadb } from '../support/mariadb.ts';
import { Millrace, type MillraceOptions } from '../support/millrace.ts';
import { projectRoot } from '../support/paths.ts';
import { rowImage, tableSchema } from '../support/rows.ts';
import { skipUnless } from '../support/skip.ts';
import { until } from '../support/wait.ts';
import { runCommand } from './command.ts';
import { serversForFile, type Servers } from './servers.ts';
import { NEEDS } from './stage.ts';

const SKIP = skipUnless(...NEEDS);

let servers: Servers;
serversForFile(SKIP, (started) => (servers = started));

const read = (path: string) => readFileSync(join(projectRoot, path), 'utf8');

/** Rows of the README's table whose head starts with `title`, each as its cells. */
function tableOf(title: string): string[][] {
  const lines = read('README.md').split('\n');
  const head = lines.findIndex((line) => line.startsWith(`| ${title}`));
  const rows = lines.slice(head + 2, lines.indexOf('', head));
  return rows.map((line) => line.slice(2, -2).split(' | '));
}

/** What differs from run to run: when it was, and the number of the transaction. */
const masked = (text: string) => text.replaceAll(/"ts":\d+/g, '"ts":0').replaceAll(/"xid":\d+/g, '"xid":0');

/** What stands between backquotes. */
const code = (cell: string) => cell.slice(1, -1);

/** A message in the table: its value, or its key where there is none. */
function cellOf({ key, value }: ConsumedRecord): string {
  return value === null ? `\`${key!.toString()}\` without a value` : `\`${value.toString()}\``;
}

/** An engine of this topic's name that reads a database of the server into one partition. */
async function engineInto(t: { after(end: () => Promise<unknown>): void }, topic: string, options: MillraceOptions): Promise<Millrace> {
  await servers.broker.createTopic(topic, 1);
  const { bootstrapServers } = servers.broker;
  const engine = await Millrace.prepare({ CHANGEFEED: topic, TOPIC: topic, BOOTSTRAP_SERVERS: bootstrapServers, ...options });
  t.after(() => engine.kill9());
  return engine;
}

async function messagesOf(engine: Millrace, topic: string, count: number): Promise<ConsumedRecord[]> {
  const enough = async () => (await servers.broker.endOffsets(topic))[0]! >= count;
  await until(enough, { deadlineMs: 60_000, everyMs: 50, what: () => `${count} messages in ${topic}:\n${engine.tail()}` });
  return await consume({ bootstrapServers: servers.broker.bootstrapServers, topic });
}

describe('samples in the documents', { skip: SKIP }, () => {
  test('the statements of the README make the messages beside them', async (t) => {
    const rows = tableOf('SQL');
    assert.ok(rows.length >= 3, 'the table was found');
    await servers.database.query(SHOP_SCHEMA, undefined, 'postgres');
    await servers.database.query(SHOP_STOCK, undefined, 'postgres');
    const source = { SOURCE_URL: servers.database.url('postgres'), TABLES: 'shop.*' };
    const maxwell = await engineInto(t, 'maxwell', source);
    const keyValue = await engineInto(t, 'kv', { ...source, FORMAT: 'kv-json' });
    await Promise.all([maxwell.start(), keyValue.start()]);
    for (const [statement] of rows) await servers.database.query(code(statement!), undefined, 'postgres');
    const inMaxwell = await messagesOf(maxwell, 'maxwell', rows.length);
    const wanted = rows.flatMap(([, , cell]) => cell!.split('<br>'));
    const inKeyValue = await messagesOf(keyValue, 'kv', wanted.length);
    assert.deepEqual(
      rows.map(([, cell]) => masked(cell!)),
      inMaxwell.map((record) => masked(cellOf(record))),
    );
    assert.deepEqual(wanted, inKeyValue.map(cellOf));
  });

  test('the same of MariaDB, prepared and started as the README says', { skip: skipUnless('mariadb') }, async (t) => {
    // As Debian's package starts it, but for what the README leaves to the server's configuration.
    const database = await startMariadb({ settings: { 'binlog-format': 'MIXED', 'binlog-row-metadata': 'NO_LOG' } });
    t.after(() => database.destroy());
    await database.query(`CREATE DATABASE shop; ${/^Of `(CREATE TABLE shop\.products .*)`:$/m.exec(read('README.md'))![1]!}`);
    await database.query("DROP USER millrace@'%'");
    await database.query(blockOf('MariaDB and MySQL', 'sql', 'README.md'));
    const exported = [...blockOf('MariaDB and MySQL', 'sh', 'README.md').matchAll(/^export MILLRACE_(\w+)='?([^'\s]*)/gm)];
    const given = Object.fromEntries(
      exported.map(([, name, value]) => [name!, value!.replace('localhost:3306', `127.0.0.1:${database.port}`)]),
    );
    const source = { SOURCE_URL: given['SOURCE_URL']!, TABLES: given['TABLES']!, SYNC_MODE: given['SYNC_MODE']! };
    const env = Object.fromEntries(Object.entries(source).map(([name, value]) => [`MILLRACE_${name}`, value]));
    const checked = await runCommand(['check', '--source'], { env });
    assert.match(checked.stdout, /^Connection Successful$/m);
    const rows = tableOf('On MariaDB');
    assert.ok(rows.length >= 3, 'the table was found');
    const maxwell = await engineInto(t, 'mariadb-maxwell', source);
    const keyValue = await engineInto(t, 'mariadb-kv', { ...source, FORMAT: 'kv-json' });
    await Promise.all([maxwell.start(), keyValue.start()]);
    for (const [statement] of rows) await database.query(code(statement!));
    const inMaxwell = await messagesOf(maxwell, 'mariadb-maxwell', rows.length);
    const inKeyValue = await messagesOf(keyValue, 'mariadb-kv', rows.length);
    assert.deepEqual(
      rows.map(([, cell]) => masked(cell!)),
      inMaxwell.map((record) => masked(cellOf(record))),
    );
    assert.deepEqual(
      rows.map(([, , cell]) => cell!),
      inKeyValue.map(cellOf),
    );
  });

  test('a row of a snapshot looks as docs/snapshots.md has it', async (t) => {
    const sample = /`(\{"database":.*?\})`/.exec(read('docs/snapshots.md'))![1]!;
    await servers.database.query('CREATE DATABASE shop');
    await servers.database.query('CREATE TABLE orders (id int PRIMARY KEY); INSERT INTO orders VALUES (1)', undefined, 'shop');
    const source = { SOURCE_URL: servers.database.url('shop'), TABLES: 'orders', SYNC_MODE: 'FULL' };
    const engine = await engineInto(t, 'snapshot', source);
    engine.launch();
    const [record] = await messagesOf(engine, 'snapshot', 1);
    assert.equal(masked(sample), masked(record!.value!.toString()));
  });
});

test('keys look as the README has them', () => {
  const schema = tableSchema([{ name: 'id', kind: 'int' }], ['id'], { database: 'shop', table: 'orders' });
  const input = new ByteView(rowImage(['1']));
  const output = new ByteView(new Uint8Array(256));
  const keyOf = (format: KeyFormat) => {
    const end = compileKey(schema, format, 'orders')!.write(input, 0, input.bytes.length, output, 0, 0, 0);
    return `\`${Buffer.from(output.bytes.subarray(0, end)).toString()}\``;
  };
  const rows = tableOf('`MILLRACE_KEY_FORMAT` | key').flatMap(([formats, key]) =>
    formats!.split(', ').map((format) => [code(format), key!]),
  );
  assert.equal(rows.length, 4);
  for (const [format, key] of rows) assert.equal(key, keyOf(format as KeyFormat), format);
});
