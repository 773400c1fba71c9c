import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openSession } from '../engine/source/postgres/connection.ts';
import { queryMessage } from '../engine/source/postgres/standby-status.ts';
import { parseConnectionUrl } from '../engine/source/postgres/url.ts';
import { projectRoot } from '../test/support/paths.ts';
import { StreamReader } from '../test/support/pgoutput-reader.ts';
import { startPostgres, type PostgresServer } from '../test/support/postgres.ts';

/**
 * Writes test/fixtures/pgoutput/: the bytes that real servers send for the statements below, from START_REPLICATION to a marker row.
 * Run it by hand (`node dist/scripts/capture-pgoutput.js`) when the statements change.
 */
const SETUP = `
  CREATE TABLE tx(hash text PRIMARY KEY, maker text, ts timestamp, volume numeric(160,60));
  CREATE TABLE txf(hash text PRIMARY KEY, volume numeric(20,2)); ALTER TABLE txf REPLICA IDENTITY FULL;
  CREATE TABLE nopk(a int, b text);
  CREATE TABLE toast(id int PRIMARY KEY, big text, n int); ALTER TABLE toast ALTER COLUMN big SET STORAGE EXTERNAL;
  CREATE TABLE toastf(id int PRIMARY KEY, big text, n int); ALTER TABLE toastf ALTER COLUMN big SET STORAGE EXTERNAL;
  ALTER TABLE toastf REPLICA IDENTITY FULL;
  CREATE TABLE gen(id int PRIMARY KEY, gone int, a int, b int GENERATED ALWAYS AS (a * 2) STORED); ALTER TABLE gen DROP COLUMN gone;
  CREATE TYPE mood AS ENUM ('sad', 'ok');
  CREATE TABLE "Odd ""Näme""."("Ключ" int PRIMARY KEY, "a,b" mood);
  CREATE TABLE done(at int PRIMARY KEY);
  CREATE PUBLICATION p FOR ALL TABLES;
  SELECT pg_create_logical_replication_slot('s', 'pgoutput');`;

const WORK = `
  INSERT INTO tx VALUES ('h1', '840', '2025-09-09 19:28:43.4846', 505.35681146198);
  UPDATE tx SET volume = 1024 WHERE hash = 'h1';
  UPDATE tx SET hash = 'h2' WHERE hash = 'h1';
  DELETE FROM tx WHERE hash = 'h2';
  INSERT INTO txf VALUES ('h1', 1.5);
  UPDATE txf SET volume = NULL WHERE hash = 'h1';
  DELETE FROM txf WHERE hash = 'h1';
  INSERT INTO nopk VALUES (1, 'x');
  INSERT INTO toast VALUES (1, repeat('abcdefghij', 250), 1);
  UPDATE toast SET n = 2;
  INSERT INTO toastf VALUES (1, repeat('abcdefghij', 250), 1);
  UPDATE toastf SET n = 2;
  INSERT INTO gen(id, a) VALUES (1, 2);
  INSERT INTO "Odd ""Näme""." VALUES (1, 'ok');
  TRUNCATE tx, txf;
  BEGIN;INSERT INTO tx VALUES ('a'),('b');SAVEPOINT x;INSERT INTO tx VALUES ('c');ROLLBACK TO x;DELETE FROM tx WHERE hash = 'a';COMMIT;
  BEGIN; INSERT INTO tx VALUES ('gone'); ROLLBACK;
  BEGIN;INSERT INTO nopk VALUES(2,'');ALTER TABLE nopk ADD c bigint;INSERT INTO nopk VALUES(3,E'tab\\t"quote"',9223372036854775807);COMMIT;
  SELECT pg_logical_emit_message(true, 'prefix', 'content'), pg_logical_emit_message(false, 'prefix', 'content');
  INSERT INTO done VALUES (1);`;

async function capture(version: '15' | '18'): Promise<Buffer> {
  const server = await startPostgres({ version });
  try {
    for (const statement of [...statementsOf(SETUP), ...statementsOf(WORK)]) await server.query(statement);
    return await readStream(server);
  } finally {
    await server.destroy();
  }
}

/** One line, one transaction. */
function statementsOf(script: string): string[] {
  return script.trim().split('\n');
}

async function readStream(server: PostgresServer): Promise<Buffer> {
  const { settings } = parseConnectionUrl(server.url(), {});
  const session = await openSession({ settings, kind: 'replication', warn: () => undefined });
  const socket = session.takeSocket();
  const chunks: Buffer[] = [];
  const reader = StreamReader.recording();
  const whole = new Promise<void>((resolve) => {
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      reader.read(chunk);
      if (reader.sink.lines.at(-1)?.startsWith('commit') && reader.sink.lines.includes('insert public.done new(1)')) resolve();
    });
  });
  socket.write(queryMessage(`START_REPLICATION SLOT s LOGICAL 0/0 (proto_version '1', publication_names 'p', messages 'true')`));
  await whole;
  socket.destroy();
  return Buffer.concat(chunks);
}

const directory = join(projectRoot, 'test/fixtures/pgoutput');
mkdirSync(directory, { recursive: true });
for (const version of ['15', '18'] as const) {
  const bytes = await capture(version);
  writeFileSync(join(directory, `postgres-${version}.bin`), bytes);
  process.stdout.write(`postgres-${version}.bin: ${bytes.length} bytes\n`);
}
