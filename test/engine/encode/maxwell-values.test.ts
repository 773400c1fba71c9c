import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestColumn } from '../../support/rows.ts';
import { messageOf } from './maxwell-message.ts';

/** Type, its kind, and the server's text of a value with its JSON in a message: Maxwell's `BootstrapIntegrationTest`, column `insert`. */
const VALUES: readonly (readonly [string, TestColumn['kind'], readonly (readonly [string | Uint8Array, string])[]])[] = [
  [
    'bool',
    'int',
    [
      ['0', '0'],
      ['1', '1'],
    ],
  ],
  [
    'tinyint',
    'int',
    [
      ['-128', '-128'],
      ['127', '127'],
    ],
  ],
  [
    'tinyint unsigned',
    'uint',
    [
      ['0', '0'],
      ['255', '255'],
    ],
  ],
  [
    'smallint',
    'int',
    [
      ['-32768', '-32768'],
      ['32767', '32767'],
    ],
  ],
  [
    'mediumint',
    'int',
    [
      ['-8388608', '-8388608'],
      ['8388607', '8388607'],
    ],
  ],
  [
    'int',
    'int',
    [
      ['-2147483648', '-2147483648'],
      ['2147483647', '2147483647'],
    ],
  ],
  ['int unsigned', 'uint', [['4294967295', '4294967295']]],
  [
    'bigint',
    'int',
    [
      ['-9223372036854775808', '-9223372036854775808'],
      ['9223372036854775807', '9223372036854775807'],
    ],
  ],
  ['bigint unsigned', 'uint', [['18446744073709551615', '18446744073709551615']]],
  [
    'varchar(10)',
    'text',
    [
      ['hello', '"hello"'],
      ['a😁b', String.raw`"a\uD83D\uDE01b"`],
    ],
  ],
  [
    'date',
    'date',
    [
      ['2015-11-07', '"2015-11-07"'],
      ['0000-00-00', '"0000-00-00"'],
      ['0000-01-01', '"0000-00-00"'],
    ],
  ],
  [
    'datetime',
    'datetime',
    [
      ['2015-11-07 01:02:03', '"2015-11-07 01:02:03"'],
      ['1000-01-01 00:00:00', '"1000-01-01 00:00:00"'],
      ['0000-00-00 00:00:00', '"0000-00-00 00:00:00"'],
      ['0003-00-00 00:00:01', '"0000-00-00 00:00:00"'],
    ],
  ],
  ['datetime(3)', 'datetime', [['2015-11-07 01:02:03.123', '"2015-11-07 01:02:03.123"']]],
  ['datetime(6)', 'datetime', [['2015-11-07 01:02:03.123000', '"2015-11-07 01:02:03.123000"']]],
  [
    'timestamp',
    'timestamptz',
    [
      ['2015-11-07 01:02:03', '"2015-11-07 01:02:03"'],
      ['0000-00-00 00:00:00', '"0000-00-00 00:00:00"'],
    ],
  ],
  ['timestamp(3)', 'timestamptz', [['2015-11-07 01:02:03.100', '"2015-11-07 01:02:03.100"']]],
  ['time(3)', 'time', [['01:02:03.123', '"01:02:03.123"']]],
  [
    'time(6)',
    'time',
    [
      ['-838:59:59.000000', '"-838:59:59.000000"'],
      ['26:00:00.000000', '"26:00:00.000000"'],
    ],
  ],
  [
    "set('a','b')",
    'set',
    [
      ['a,b', '["a","b"]'],
      ['', '[]'],
    ],
  ],
  ["enum('a','b')", 'enum', [['a', '"a"']]],
  [
    'bit(8)',
    'bit',
    [
      ['85', '85'],
      ['1', '1'],
    ],
  ],
  [
    'bit(64)',
    'bit',
    [
      ['4294967296', '4294967296'],
      ['18446744073709551615', '18446744073709551615'],
    ],
  ],
  [
    'binary(10)',
    'bytes',
    [
      [Buffer.from('0a0b0c0d0e0f', 'hex'), '"CgsMDQ4P"'],
      [Buffer.from('\\x0A'), '"XHgwQQ=="'],
    ],
  ],
  [
    'double',
    'float64',
    [
      ['3.14159', '3.14159'],
      ['1.0E7', '1.0E7'],
      ['-0.0', '-0.0'],
    ],
  ],
  [
    'decimal(20,10)',
    'decimal',
    [
      ['3.1415900000', '3.1415900000'],
      ['0.0000000000', '0E-10'],
      ['0.0000000001', '1E-10'],
    ],
  ],
  [
    'decimal(10,6)',
    'decimal',
    [
      ['0.000000', '0.000000'],
      ['1.500000', '1.500000'],
    ],
  ],
  [
    'year',
    'year',
    [
      ['2007', '2007'],
      ['0000', '0'],
    ],
  ],
  ['geometry', 'geometry', [['POINT (3 2)', '"POINT (3 2)"']]],
  [
    'json',
    'json',
    [
      ['{"id":3,"e":"😁"}', '{"id":3,"e":"😁"}'],
      ['null', 'null'],
    ],
  ],
];

for (const [type, kind, values] of VALUES) {
  test(`a value of ${type} is written as Maxwell writes it`, () => {
    for (const [given, json] of values) {
      const { text } = messageOf({ c: kind }, { operation: 'insert', new: [given] });
      assert.equal(text, `{"database":"d","table":"t","type":"insert","ts":0,"data":{"c":${json}}}`);
    }
  });
}
