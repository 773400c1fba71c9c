import type { Flavor } from '../url.ts';

/** The ids below 1024 of each character set's collations, as MariaDB 11.8 and MySQL 9 have them. */
const COLLATIONS: Readonly<Record<string, string>> = {
  armscii8: '32 64',
  ascii: '11 65',
  big5: '1 84',
  binary: '63',
  cp1250: '26 34 44 66 99',
  cp1251: '14 23 50-52',
  cp1256: '57 67',
  cp1257: '29 58-59',
  cp850: '4 80',
  cp852: '40 81',
  cp866: '36 68',
  cp932: '95-96',
  dec8: '3 69',
  eucjpms: '97-98',
  euckr: '19 85',
  gb18030: '248-250',
  gb2312: '24 86',
  gbk: '28 87',
  geostd8: '92-93',
  greek: '25 70',
  hebrew: '16 71',
  hp8: '6 72',
  keybcs2: '37 73',
  koi8r: '7 74',
  koi8u: '22 75',
  latin1: '5 8 15 31 47-49 94',
  latin2: '2 9 21 27 77',
  latin5: '30 78',
  latin7: '20 41-42 79',
  macce: '38 43',
  macroman: '39 53',
  sjis: '13 88',
  swe7: '10 82',
  tis620: '18 89',
  ucs2: '35 90 128-151 159 640-642',
  ujis: '12 91',
  utf16: '54-55 101-124 672-674',
  utf16le: '56 62',
  utf32: '60-61 160-183 736-738',
  utf8mb3: '33 76 83 192-215 223 576-579',
  utf8mb4: '45-46 224-247 255-323 608-611',
};

/** MariaDB gives a collation without padding the id of its padding counterpart and this. */
const NO_PAD = 1024;
/** From here on MariaDB numbers the collations of UCA 14.0.0, 256 for each of these character sets in turn. */
const UCA_1400 = 2048;
const UCA_1400_CHARSETS = ['utf8mb3', 'utf8mb4', 'ucs2', 'utf16', 'utf32'];
const UCA_1400_EACH = 256;

const CHARSET_BY_ID = new Map(Object.entries(COLLATIONS).flatMap(([charset, ranges]) => idsOf(ranges).map((id) => [id, charset] as const)));

/** Of `BINARY`, `VARBINARY`, `BLOB`. */
export const BINARY_COLLATION = 63;
/** `utf8mb4_bin`, which MariaDB gives to JSON. */
export const UTF8MB4_BIN = 46;

/**
 * The character set of a collation, by the servers' names (`utf8mb3`, never `utf8`); null for one that is not the server's own. In MySQL
 * ids from 1024 on are those of collations that its users made.
 */
export function charsetOfCollation(id: number, flavor: Flavor): string | null {
  if (id < NO_PAD) return CHARSET_BY_ID.get(id) ?? null;
  if (flavor === 'mysql') return null;
  if (id >= UCA_1400) return UCA_1400_CHARSETS[Math.floor((id - UCA_1400) / UCA_1400_EACH)] ?? null;
  return CHARSET_BY_ID.get(id - NO_PAD) ?? null;
}

function idsOf(ranges: string): number[] {
  return ranges.split(' ').flatMap((range) => {
    const [first, last = first] = range.split('-').map(Number) as [number, number?];
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}
