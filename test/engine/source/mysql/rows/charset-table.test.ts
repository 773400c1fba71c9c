import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { brotliDecompressSync } from 'node:zlib';
import { fourByteNumber, readCharsetTable, type CharsetSection } from '../../../../../engine/source/mysql/rows/charset-table.ts';
import { packCharset } from '../../../../../scripts/generate-charsets.ts';
import { projectRoot } from '../../../../support/paths.ts';

const FOLDER = join(projectRoot, 'engine/source/mysql/rows/charsets');

function charactersOf({ codes, points, lengths }: CharsetSection): Map<number, number> {
  const characters = new Map<number, number>();
  for (const [run, code] of codes.entries()) {
    for (let index = 0; index < (lengths[run] ?? 0); index++) characters.set(code + index, (points[run] ?? 0) + index);
  }
  return characters;
}

test('each table is what the script makes of the characters in it', () => {
  const files = readdirSync(FOLDER);
  assert.ok(files.length >= 34, `${files.length} tables`);
  for (const file of files) {
    const characters = readCharsetTable(file.replace('.br', '')).map(charactersOf);
    const packed = brotliDecompressSync(packCharset(characters));
    assert.ok(packed.equals(brotliDecompressSync(readFileSync(join(FOLDER, file)))), file);
  }
});

test('codes of four bytes are numbered without gaps, and what is none has no number', () => {
  assert.equal(fourByteNumber(0x81, 0x30, 0x81, 0x30), 0);
  assert.equal(fourByteNumber(0x81, 0x30, 0x81, 0x39), 9);
  assert.equal(fourByteNumber(0x81, 0x30, 0x82, 0x30), 10);
  assert.equal(fourByteNumber(0x81, 0x31, 0x81, 0x30), 1260);
  assert.equal(fourByteNumber(0x82, 0x30, 0x81, 0x30), 12_600);
  const none: readonly (readonly [number, number, number, number])[] = [
    [0x80, 0x30, 0x81, 0x30],
    [0x81, 0x2f, 0x81, 0x30],
    [0x81, 0x30, 0xff, 0x30],
    [0x81, 0x30, 0x81, 0x3a],
  ];
  for (const code of none) {
    assert.equal(fourByteNumber(...code), -1);
  }
});
