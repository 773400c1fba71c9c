import fc from 'fast-check';
import { hex, inHex, utf8, type MatrixType } from './matrix-type.ts';

const words = fc.string({ unit: 'grapheme', maxLength: 10 }).filter((text) => !text.endsWith(' '));
const bytes = fc.uint8Array({ maxLength: 40 });
const TEXTS = ["''", "'a'", "'a '", "' '", utf8('äß€😀'), utf8('\u0000\u001f"\\/\u007f\u2028')];
const BYTES = ["''", "x'00'", "x'ff00'", "x'00ff'", "x'c3a4'"];
const LONG_TEXT = "repeat('ab', 40000)";

function texts(): MatrixType[] {
  const columns = ['varchar(20)', 'varchar(300)', 'tinytext', 'text', 'mediumtext', 'longtext', 'char(20)', 'char(255)'];
  const plain = columns.map((name): MatrixType => ({ declared: `${name} CHARACTER SET utf8mb4`, values: TEXTS, random: words.map(utf8) }));
  const long = ['mediumtext', 'longtext'].map((name): MatrixType => ({
    declared: `${name} CHARACTER SET utf8mb4 COMMENT 'long'`,
    values: [LONG_TEXT],
  }));
  return [
    ...plain,
    ...long,
    { declared: 'varchar(10) CHARACTER SET utf8mb3', values: ["'a'", utf8('ä€')] },
    { declared: 'varchar(10) CHARACTER SET ascii', values: ["'a'", "'~'"] },
    { declared: 'char(10) CHARACTER SET latin1', values: ["'a '", utf8('ä€')] },
    { declared: 'text CHARACTER SET ucs2', values: ["'a '", utf8('ä€'), LONG_TEXT] },
    { declared: 'char(10) CHARACTER SET utf32', values: ["'a '", utf8('ä€😀')] },
    { declared: 'varchar(10) CHARACTER SET sjis', values: ["'a'", utf8('日本')] },
  ];
}

function binaries(): MatrixType[] {
  const columns = ['varbinary(60)', 'varbinary(300)', 'tinyblob', 'blob', 'mediumblob', 'longblob'];
  return [
    ...columns.map((name): MatrixType => ({ declared: name, values: BYTES, random: bytes.map(inHex), show: hex })),
    // The log has it without the zeros that it is filled up with.
    { declared: 'binary(50)', values: BYTES, random: bytes.map(inHex), show: (text) => hex(text).padEnd(100, '0') },
    { declared: 'binary(255)', values: BYTES, show: (text) => hex(text).padEnd(510, '0') },
  ];
}

const LABELS = "'a','b c','','ä€','it''s'";
const many = Array.from({ length: 300 }, (_unused, i) => `'l${i}'`);

/** Text, bytes, and labels. */
export const STRINGS: readonly MatrixType[] = [
  ...texts(),
  ...binaries(),
  { declared: `enum(${LABELS}) CHARACTER SET utf8mb4`, values: ['1', '2', '3', utf8('ä€'), '5', "'none of them'"] },
  { declared: `enum(${many.join(',')})`, values: ['1', '255', '256', '300'] },
  { declared: "set('a','b c','ä€','it''s') CHARACTER SET utf8mb4", values: ["''", '1', '15', "'a,it''s'"], random: fc.nat(15).map(String) },
  {
    declared: `set(${many.slice(0, 64).join(',')})`,
    values: ['0', '1', '18446744073709551615', '9223372036854775808'],
    random: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String),
  },
  {
    declared: 'varchar(200) COMPRESSED CHARACTER SET utf8mb4',
    values: [...TEXTS, "repeat('abc', 60)"],
    random: words.map(utf8),
    servers: ['mariadb'],
  },
  { declared: 'mediumtext COMPRESSED CHARACTER SET utf8mb4', values: [...TEXTS, LONG_TEXT], servers: ['mariadb'] },
  { declared: 'blob COMPRESSED', values: [...BYTES, "repeat(x'00ff', 5000)"], show: hex, servers: ['mariadb'] },
];
