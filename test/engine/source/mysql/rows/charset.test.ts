import assert from 'node:assert/strict';
import { test } from 'node:test';
import { charsetDecoder, decodeText } from '../../../../../engine/source/mysql/rows/charset.ts';
import { askCodes, charsetsOf, openForCodes, SETS_WITHOUT_TABLE } from '../../../../support/charset-codes.ts';
import { startMariadb } from '../../../../support/mariadb.ts';
import type { MysqlServer } from '../../../../support/mysql-server.ts';
import { startMysql } from '../../../../support/mysql.ts';
import { skipUnless } from '../../../../support/skip.ts';

const SERVERS = [
  { flavor: 'mariadb', start: startMariadb },
  { flavor: 'mysql', start: startMysql },
] as const;

const LAST_POINT = 0x10_ffff;
const POINTS_AT_ONCE = 4096;

for (const { flavor, start } of SERVERS) {
  const skip = skipUnless(flavor);

  test(`${flavor}: every code of every character set is the character that the server reads in it`, { skip }, async (t) => {
    const server = await start();
    const connection = await openForCodes(server);
    for (const charset of await charsetsOf(server)) {
      if (SETS_WITHOUT_TABLE.includes(charset.name)) continue;
      const counts = { characters: 0, others: 0 };
      const wrong: string[] = [];
      for await (const codes of askCodes(connection, charset)) {
        for (const [code, character] of codes) {
          const decoded = decodeText(code, charset.name);
          if (decoded !== character) wrong.push(`${code.toString('hex')}: ${decoded} instead of ${character}`);
          if (character === null) counts.others++;
          else counts.characters++;
        }
      }
      assert.deepEqual(wrong, [], charset.name);
      t.diagnostic(`${charset.name}: ${counts.characters} characters, ${counts.others} sequences of bytes that are none`);
    }
    await connection.end();
    await server.destroy();
  });

  test(`${flavor}: every code point that the server encodes in a set of all Unicode is decoded again`, { skip }, async () => {
    const server = await start();
    const sets = (await charsetsOf(server)).map(({ name }) => name);
    const complete = ['utf16', 'utf16le', 'utf32', 'utf8mb4', 'gb18030'].filter((name) => sets.includes(name));
    for (const charset of complete) await assertEncodable(server, charset, LAST_POINT);
    for (const charset of ['ucs2', 'utf8mb3']) await assertEncodable(server, charset, 0xffff);
    await server.destroy();
  });
}

async function assertEncodable(server: MysqlServer, charset: string, last: number): Promise<void> {
  const connection = await server.client();
  for (let first = 0; first < last; first += POINTS_AT_ONCE) {
    const points = Array.from({ length: POINTS_AT_ONCE }, (_, index) => first + index).filter((point) => (point & 0xff_f800) !== 0xd800);
    const text = String.fromCodePoint(...points);
    if (text === '') continue;
    const sql = `SELECT CAST(CONVERT(CONVERT(? USING utf8mb4) USING ${charset}) AS BINARY)`;
    const [[row]] = (await connection.query({ sql, rowsAsArray: true }, [Buffer.from(text)])) as unknown as [[[Buffer]]];
    assert.equal(decodeText(row[0], charset), text, `${charset} from code point ${first}`);
  }
  await connection.end();
}

test('bytes that are UTF-8 already need no decoder, and one is made for each other set', () => {
  for (const charset of ['utf8mb4', 'utf8mb3', 'binary']) assert.equal(charsetDecoder(charset), null);
  assert.equal(decodeText(Buffer.from('Wörter'), 'utf8mb4'), 'Wörter');
  assert.equal(charsetDecoder('sjis'), charsetDecoder('sjis'));
  assert.notEqual(charsetDecoder('sjis'), charsetDecoder('cp932'));
});

test('texts of several characters are decoded, and one that is cut is none', () => {
  const texts: readonly [charset: string, hex: string, text: string][] = [
    ['latin1', '80 41 e4', '€Aä'],
    ['sjis', '93 fa 41 96 7b', '日A本'],
    ['ujis', 'c6 fc 8e b1 8f b0 a1', '日ｱ丂'],
    ['gb18030', '81 30 81 30 41 c8 d5 94 39 da 33', '\u0080A日\u{1f4a9}'],
    ['utf16le', '3d d8 a9 dc 41 00', '\u{1f4a9}A'],
  ];
  for (const [charset, hex, text] of texts) {
    const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex');
    assert.equal(decodeText(bytes, charset), text, charset);
    if (charset === 'latin1') continue;
    assert.equal(decodeText(bytes.subarray(0, -1), charset), null, `${charset} without its last byte`);
  }
});
