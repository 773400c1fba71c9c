import fc from 'fast-check';
import { quoted, type MatrixType } from './matrix-type.ts';

const pad = (value: number, width = 2): string => String(value).padStart(width, '0');
const fraction = (digits: number) => (digits === 0 ? fc.constant('') : fc.nat(10 ** digits - 1).map((value) => `.${pad(value, digits)}`));
const clock = fc.tuple(fc.nat(23), fc.nat(59), fc.nat(59)).map((parts) => parts.map((part) => pad(part)).join(':'));
const day = fc
  .tuple(fc.integer({ min: 1, max: 9999 }), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 28 }))
  .map(([year, month, date]) => `${pad(year, 4)}-${pad(month)}-${pad(date)}`);

/** MariaDB has them from 11.5 on; before, and in MySQL, each becomes a zero date. */
const BEYOND_2038 = ['2038-01-19 03:14:08', '2106-02-07 06:28:15', '2106-02-07 06:28:15.999999'];

function times(digits: number): MatrixType[] {
  const suffix = digits === 0 ? '' : `(${digits})`;
  const most = digits === 0 ? '' : `.${'9'.repeat(digits)}`;
  const last = digits === 0 ? '' : `.${'0'.repeat(digits - 1)}1`;
  const datetimes = [
    '0000-00-00 00:00:00',
    '2012-00-00 00:00:00',
    '2012-01-00 00:00:00',
    `9999-12-31 23:59:59${most}`,
    '1000-01-01 00:00:00',
  ];
  const hours = fc.tuple(fc.constantFrom('', '-'), fc.nat(837), fc.nat(59), fc.nat(59), fraction(digits));
  const timestamp = fc.integer({ min: 1, max: 2 ** 31 - 1 });
  return [
    {
      declared: `time${suffix}`,
      values: [
        '00:00:00',
        `-838:59:59`,
        `838:59:59`,
        `-00:00:01${last}`,
        `-00:00:00${last}`,
        `00:00:00${most}`,
        `-23:59:59${most}`,
        '24:00:00',
      ].map(quoted),
      random: hours.map(([sign, hour, minute, second, rest]) => `'${sign}${pad(hour)}:${pad(minute)}:${pad(second)}${rest}'`),
    },
    {
      declared: `datetime${suffix}`,
      values: [...datetimes, `0001-01-01 00:00:00${last}`].map(quoted),
      random: fc.tuple(day, clock, fraction(digits)).map(([date, time, rest]) => `'${date} ${time}${rest}'`),
    },
    {
      declared: `timestamp${suffix} NULL`,
      values: [
        '0000-00-00 00:00:00',
        `1970-01-01 00:00:01${last}`,
        `2038-01-19 03:14:07`,
        `2000-02-29 12:00:00${most}`,
        ...BEYOND_2038,
      ].map(quoted),
      random: fc
        .tuple(timestamp, fraction(digits))
        .map(([seconds, rest]) => `'${new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ')}${rest}'`),
    },
  ];
}

const DIGITS = [0, 1, 2, 3, 4, 5, 6] as const;

/** MariaDB with the temporal types of before 5.6, of which the catalogue tells the digits of the fraction. */
const oldTimes = (digits: number): MatrixType[] =>
  times(digits).map((type) => ({
    ...type,
    declared: `${type.declared} /* old */`,
    meaning: digits,
    servers: ['mariadb'],
    before: ['SET GLOBAL mysql56_temporal_format = OFF'],
    after: ['SET GLOBAL mysql56_temporal_format = ON'],
  }));

/** Dates and times. */
export const TIMES: readonly MatrixType[] = [
  { declared: 'year', values: ['0', '1901', '2155', '1999', "'0000'"] },
  {
    declared: 'date',
    values: ['0000-00-00', '2012-00-00', '2012-02-00', '0000-01-01', '9999-12-31', '1000-01-01'].map(quoted),
    random: day.map(quoted),
  },
  ...DIGITS.flatMap(times),
  ...DIGITS.flatMap(oldTimes),
];
