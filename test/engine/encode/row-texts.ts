import type { TableSchema } from '../../../engine/change/table-schema.ts';
import type { TestColumn } from '../../support/rows.ts';

interface Texts {
  readonly kind: TestColumn['kind'];
  readonly good: readonly (string | Uint8Array)[];
  readonly bad: readonly (string | Uint8Array)[];
}

/** Texts of each kind that native code writes, and such that nobody writes. */
const TEXTS: readonly Texts[] = [
  {
    kind: 'int',
    good: ['0', '7', '-1', '12345678', '-9223372036854775808', '123456789012345678901234567890'],
    bad: ['', '-', '01', '00', '+1', '1 ', '0x1', '１'],
  },
  {
    kind: 'decimal',
    good: ['0', '0.00', '100', '100.00', '1.500', '-0.10', '10.010', '1000000000000.000001', 'NaN', 'Infinity', '-Infinity', '1e+10'],
    bad: ['.5', '5.', '1.2.3', '--1', 'nan', '-NaN', '1e', '1e+'],
  },
  { kind: 'float64', good: ['1e-07', '-1.5E+300', '3.5', '-Infinity'], bad: ['infinity', '1.e5', '1e5.5'] },
  { kind: 'bool', good: ['t', 'f'], bad: ['', 'true', 'T', '1'] },
  {
    kind: 'text',
    good: [
      ...Array.from({ length: 20 }, (_, length) => 'abcdefghijklmnopqrst'.slice(0, length)),
      ...Array.from({ length: 18 }, (_, at) => `${'x'.repeat(at)}"${'y'.repeat(17 - at)}`),
      '\\',
      '\b\t\n\f\r',
      '\u0000\u0001\u001f !#[]~\u007f',
      'é日本',
      '\u0080\u07ff\u0800\ud7ff\ue000\uffff',
      '😁 and 👍🏽',
      'a\n"b"\\c é 😁 and what follows is plain again',
      'x'.repeat(300),
    ],
    bad: [
      [0xff],
      [0xc3],
      [0xc0, 0x80],
      [0xe0, 0x9f, 0xbf],
      [0xed, 0xa0, 0x80],
      [0xf0, 0x8f, 0xbf, 0xbf],
      [0xf4, 0x90, 0x80, 0x80],
      [0xe2, 0x82],
      [0xf0, 0x9f, 0x98],
      [0xf0, 0x9f, 0x98, 0x41],
      [0x61, 0x80, 0x61],
    ].map((bytes) => Uint8Array.from(bytes)),
  },
  {
    kind: 'time',
    good: ['19:28:43', '19:28:43.5', '19:28:43.123456', '24:00:00', '00:00:00.000001'],
    bad: ['', '19:28', '9:28:43', '19:28:43.', '19:28:4x', '19:28:43.1234567', '19:28:43+00'],
  },
  {
    kind: 'datetime',
    good: ['2025-09-09 19:28:43.4846', '294276-12-31 23:59:59.999999', '4713-01-01 00:00:00 BC', 'infinity', '-infinity'],
    bad: ['2025-09-09', 'Infinity', '2025-09-09 19:28:43 AD', ' BC', '2025-09-09 19:28:43.48\n6'],
  },
  {
    kind: 'timestamptz',
    good: ['2025-09-09 11:28:43.4846+00', '0044-03-15 12:00:00+00 BC', 'infinity', '-infinity'],
    bad: ['2025-09-09 11:28:43', '2025-09-09 11:28:43+01', '+00', '2025-09-09 11:28:43 BC'],
  },
  { kind: 'json', good: ['{}', '{"a": [1,  2]}', 'null', '"é"', '1'], bad: [''] },
];

/** The same of values as columns declare them. */
const DECLARED: readonly Texts[] = [
  {
    kind: 'decimal',
    good: ['0', '0.00', '1.50', '-0.000001', '0.0000000', '0.0000000000', '0.0000001', '-0.00000012300', `0.${'0'.repeat(30)}7`],
    bad: ['', '0.', '00.0000000', '0.0000000x'],
  },
  {
    kind: 'date',
    good: ['2015-11-07', '0000-00-00', '2015-00-07', '2015-11-00', '0000-01-01', '2004-04-31'],
    bad: ['', '2015-11-7', '2015-11-07T', 'infinity', '2015x11-07'],
  },
  {
    kind: 'datetime',
    good: ['2015-11-07 01:02:03', '2015-11-07 01:02:03.123456', '2015-11-00 01:02:03.1', '2015-10-10 00:00:00'],
    bad: ['2015-11-07 01:02:03"', '2015-11-07 01:02:03+00'],
  },
  { kind: 'timestamptz', good: ['2015-11-07 01:02:03', '0000-00-00 00:00:00.00'], bad: ['2015-11-07 01:02:03+00'] },
  { kind: 'time', good: ['01:02:03', '-838:59:59.000000', '838:59:59', '00:00:00.1'], bad: [Uint8Array.of(0xff)] },
  { kind: 'year', good: ['0000', '1901', '2155', '0'], bad: ['', '20 5'] },
  { kind: 'bit', good: ['0', '18446744073709551615', '5'], bad: ['', '05', 'x'] },
  { kind: 'set', good: ['', 'a', 'a,b c,d"', ',a', 'a,', 'é😁,b'], bad: [Uint8Array.of(0x61, 0x2c, 0xff)] },
  {
    kind: 'bytes',
    good: [...Array.from({ length: 12 }, (_, length) => Buffer.from('\\x00ff\x00\xffabcdef').subarray(0, length)), Buffer.alloc(300, 0xfb)],
    bad: [],
  },
  { kind: 'geometry', good: ['POINT(3 2)', 'GEOMETRYCOLLECTION EMPTY'], bad: [Uint8Array.of(0xff)] },
];

/** All of them. */
export const ROW_TEXTS: readonly (Texts & Pick<TableSchema, 'valueForm'>)[] = [
  ...TEXTS.map((texts) => ({ ...texts, valueForm: 'output' as const })),
  ...DECLARED.map((texts) => ({ ...texts, valueForm: 'declared' as const })),
];
