import type { Connection } from 'mysql2/promise';
import { type MysqlServer } from './mysql-server.ts';

/** Sets that the engine decodes by code, or copies. */
export const SETS_WITHOUT_TABLE = ['ucs2', 'utf16', 'utf16le', 'utf32', 'utf8mb3', 'utf8mb4', 'binary'];

/** A character set as the server has it. */
export interface ServerCharset {
  readonly name: string;
  /** Bytes of its longest character. */
  readonly bytes: number;
}

/** A sequence of bytes and what the server reads in it: one character, or null when it is none. */
export type AskedCode = readonly [code: Buffer, character: string | null];

/** The character sets of a server, in order of their names. */
export async function charsetsOf(server: MysqlServer): Promise<ServerCharset[]> {
  const columns = 'CHARACTER_SET_NAME AS name, MAXLEN AS bytes';
  return await server.query<ServerCharset>(`SELECT ${columns} FROM information_schema.CHARACTER_SETS ORDER BY CHARACTER_SET_NAME`);
}

/** A connection on which `askCodes` can ask. */
export async function openForCodes(server: MysqlServer): Promise<Connection> {
  const connection = await server.client();
  const bytes = Array.from({ length: 256 }, (_, byte) => `(x'${byte.toString(16).padStart(2, '0')}')`);
  await connection.query('CREATE DATABASE IF NOT EXISTS codes; USE codes');
  for (const name of ['b1', 'b2', 'b3']) {
    await connection.query(`CREATE TEMPORARY TABLE ${name} (b BINARY(1) PRIMARY KEY); INSERT INTO ${name} VALUES ${bytes.join()}`);
  }
  return connection;
}

/**
 * Asks for every sequence of bytes that could be a character: all of one byte, all of two that do not begin with a character, of three
 * those behind 0x8F (the only ones that EUC-JP has), of four those that GB18030 numbers.
 */
export async function* askCodes(connection: Connection, charset: ServerCharset): AsyncGenerator<AskedCode[]> {
  const { name, bytes } = charset;
  const single = await ask(connection, name, 'b1.b', 'b1');
  yield single;
  // MySQL's eucjpms drops half a character at the end: a letter before it must not be taken for the character of both bytes.
  const first = single.flatMap(([[byte], character]) => (character === null ? [`${byte}`] : []));
  if (bytes >= 2) yield await ask(connection, name, 'CONCAT(b1.b, b2.b)', `b1, b2 WHERE ORD(b1.b) IN (${first.join()})`);
  if (bytes === 3) yield await ask(connection, name, `CONCAT(x'8F', b1.b, b2.b)`, 'b1, b2');
  if (bytes < 4) return;
  const digits = "b1.b BETWEEN '0' AND '9' AND b2.b BETWEEN x'81' AND x'FE' AND b3.b BETWEEN '0' AND '9'";
  for (let lead = 0x81; lead <= 0xfe; lead++) {
    yield await ask(connection, name, `CONCAT(x'${lead.toString(16)}', b1.b, b2.b, b3.b)`, `b1, b2, b3 WHERE ${digits}`);
  }
}

async function ask(connection: Connection, charset: string, code: string, from: string): Promise<AskedCode[]> {
  const sql = `SELECT c, CAST(CONVERT(CONVERT(c USING ${charset}) USING utf8mb4) AS BINARY) FROM (SELECT ${code} AS c FROM ${from}) AS codes`;
  const [rows] = await connection.query({ sql, rowsAsArray: true });
  return (rows as [Buffer, Buffer | null][]).map(([bytes, text]) => [bytes, characterOf(bytes, text)]);
}

/** For what is no character of the set MariaDB answers with question marks, MySQL with nothing. */
function characterOf(code: Buffer, answer: Buffer | null): string | null {
  if (answer === null) return null;
  const text = answer.toString();
  const isOne = text.length === String.fromCodePoint(text.codePointAt(0) ?? 0).length;
  return isOne && (text !== '?' || code.equals(answer)) ? text : null;
}
