import fc from 'fast-check';
import { type MatrixType } from './matrix-type.ts';

const number = (text: Buffer): string => String(Number(text));
const float = (text: Buffer): string => String(Math.fround(Number(text)));

function integers(name: string, bits: number): MatrixType[] {
  const top = 2n ** BigInt(bits - 1);
  const signed = [-top, -top + 1n, -1n, 0n, 1n, top - 1n, 10n, -10n].map(String);
  const unsigned = [0n, 1n, top - 1n, top, 2n * top - 1n].map(String);
  return [
    { declared: name, values: signed, random: fc.bigInt({ min: -top, max: top - 1n }).map(String) },
    { declared: `${name} unsigned`, values: unsigned, random: fc.bigInt({ min: 0n, max: 2n * top - 1n }).map(String) },
  ];
}

function decimals(precision: number, scale: number): MatrixType {
  const digits = fc.stringMatching(new RegExp(`^[0-9]{1,${precision}}$`));
  const random = fc.tuple(fc.boolean(), digits).map(([isNegative, all]) => {
    const padded = all.padStart(scale + 1, '0');
    const text = scale === 0 ? padded : `${padded.slice(0, -scale)}.${padded.slice(-scale)}`;
    return isNegative ? `-${text}` : text;
  });
  const nines = '9'.repeat(precision - scale) || '0';
  const most = scale === 0 ? nines : `${nines}.${'9'.repeat(scale)}`;
  const least = scale === 0 ? '1' : `0.${'0'.repeat(scale - 1)}1`;
  return { declared: `decimal(${precision},${scale})`, values: ['0', '-0', '1', '-1', most, `-${most}`, least, `-${least}`], random };
}

/** Numbers of every size. */
export const NUMBERS: readonly MatrixType[] = [
  ...integers('tinyint', 8),
  ...integers('smallint', 16),
  ...integers('mediumint', 24),
  ...integers('int', 32),
  ...integers('bigint', 64),
  { declared: 'bool', values: ['true', 'false', '-1'] },
  ...[
    [1, 0],
    [5, 2],
    [9, 0],
    [10, 0],
    [18, 9],
    [20, 10],
    [30, 30],
    [38, 20],
    [65, 30],
    [65, 0],
    [7, 7],
  ].map(([p, s]) => decimals(p!, s!)),
  {
    declared: 'decimal(10,3) unsigned zerofill',
    values: ['0', '1.5', '9999999.999'],
    said: (text) => text.toString().replace(/^0+(?=\d)/, ''),
  },
  {
    declared: 'double',
    values: [
      '0',
      '-0e0',
      '1',
      '1e7',
      '1e6',
      '0.001',
      '0.0001',
      '1.7976931348623157e308',
      '2.2250738585072014e-308',
      '5e-324',
      '3.14159',
      '2e23',
    ],
    random: fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
    show: number,
  },
  {
    declared: 'float',
    values: ['0', '1', '1e7', '3.4028234e38', '1.1754944e-38', '1e-45', '3.14159', '16777216', '0.1'],
    random: fc.float({ noNaN: true, noDefaultInfinity: true }).map(String),
    select: 'v + 0e0',
    show: float,
  },
  ...[1, 7, 8, 9, 24, 32, 33, 63, 64].map((bits): MatrixType => ({
    declared: `bit(${bits})`,
    values: ['0', '1', String(2n ** BigInt(bits) - 1n), String(2n ** BigInt(bits - 1))],
    random: fc.bigInt({ min: 0n, max: 2n ** BigInt(bits) - 1n }).map(String),
    select: 'v + 0',
  })),
];
