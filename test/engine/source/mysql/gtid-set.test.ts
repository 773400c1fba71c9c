import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MysqlGtidSet } from '../../../../engine/source/mysql/gtid-set.ts';

const A = '896e7882-18fe-11ef-ab88-22222d34d411';
const B = '896e7882-18fe-11ef-ab88-22222d34d412';
const parse = (text: string) => MysqlGtidSet.parse(text);

test('sets are read as servers write them, and written sorted and joined', () => {
  for (const [text, written] of [
    ['', ''],
    [`${A}:1`, `${A}:1`],
    [`${A}:1-5:7`, `${A}:1-5:7`],
    [`${A}:7:1-3:4-5`, `${A}:1-5:7`],
    [`${B}:1,\n${A.toUpperCase()}:2-2`, `${A}:2,${B}:1`],
    [`${A}:1:foobar:1-3:9`, `${A}:1:foobar:1-3:9`],
    [`${A}:Foo_1:2`, `${A}:foo_1:2`],
    [`${A}:1-9223372036854775806`, `${A}:1-9223372036854775806`],
  ] as const) {
    assert.equal(parse(text).toString(), written);
  }
});

test('what is no set is refused', () => {
  for (const text of [
    '0-1-5',
    A,
    `${A}:`,
    `${A}:0`,
    `${A}:5-1`,
    `${A}:1-9223372036854775807`,
    `${A}:1-2-3`,
    `${A}:9tag:1`,
    'newest',
    `${A}:-1`,
  ]) {
    assert.throws(() => parse(text), { code: 'POSITION_INVALID' }, text);
  }
});

test('the bytes of PREVIOUS_GTIDS and COM_BINLOG_DUMP_GTID', () => {
  const uuid = A.replaceAll('-', '');
  for (const [text, hex] of [
    ['', '0000000000000000'],
    [`${A}:1-5`, `0100000000000000${uuid}010000000000000001000000000000000600000000000000`],
    [`${A}:1-5:7`, `0100000000000000${uuid}02000000000000000100000000000000060000000000000007000000000000000800000000000000`],
    [
      `${A}:1:foobar:1-3`,
      `0102000000000001${uuid}00010000000000000001000000000000000200000000000000` +
        `${uuid}0c666f6f626172010000000000000001000000000000000400000000000000`,
    ],
  ] as const) {
    assert.equal(Buffer.from(parse(text).encode()).toString('hex'), hex, text);
    const bytes = Buffer.from(hex, 'hex');
    assert.equal(MysqlGtidSet.decode(bytes).toString(), text);
    if (text !== '') assert.throws(() => MysqlGtidSet.decode(bytes.subarray(0, -1)), { code: 'POSITION_INVALID' });
  }
});

/** Numbers of one server, as a set and as JavaScript has sets. */
const numbers = fc.uniqueArray(fc.integer({ min: 1, max: 30 }));
const setOf = (all: readonly number[]) => all.reduce((set, number) => set.with(A, BigInt(number), BigInt(number)), MysqlGtidSet.EMPTY);

test('sets of intervals are sets', () => {
  fc.assert(
    fc.property(numbers, numbers, (left, right) => {
      const a = setOf(left);
      const b = setOf(right);
      assert.equal(a.union(b).toString(), setOf([...left, ...right]).toString());
      assert.equal(a.minus(b).toString(), setOf(left.filter((number) => !right.includes(number))).toString());
      assert.equal(
        a.contains(b),
        right.every((number) => left.includes(number)),
      );
      assert.equal(parse(a.toString()).toString(), a.toString());
    }),
  );
});

test('runs are added whole, and sources stay apart', () => {
  const set = parse(`${A}:1-3:10`).with(A, 4n, 9n).with(B, 5n, 6n);
  assert.equal(set.toString(), `${A}:1-10,${B}:5-6`);
  assert.ok(set.contains(parse(`${B}:6`)));
  assert.ok(!set.contains(parse(`${B}:tag:6`)));
  assert.ok(MysqlGtidSet.EMPTY.isEmpty && !set.isEmpty);
});
