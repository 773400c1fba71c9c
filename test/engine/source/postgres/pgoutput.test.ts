import assert from 'node:assert/strict';
import test, { describe } from 'node:test';
import * as frames from '../../../support/pgoutput-frames.ts';
import { StreamReader } from '../../../support/pgoutput-reader.ts';
import { UNCHANGED } from '../../../support/rows.ts';

const TABLE = {
  id: 70_000,
  schema: 's',
  table: 't',
  columns: [
    ['*id', 23],
    ['v', 25],
  ],
} as const;

function transaction(xid: number, end: bigint, ...rows: readonly Buffer[]): Buffer[] {
  return [frames.begin(end - 100n, end - 8n, xid), ...rows, frames.commit(end - 8n, end - 8n, end)];
}

test('commit time and xid keep all their bits', () => {
  const cases = [
    [0n, '2000-01-01T00:00:00.000000Z'],
    [-1n, '1999-12-31T23:59:59.999999Z'],
    [843_217_723_484_600n, '2026-09-20T11:08:43.484600Z'],
    [-946_684_800_000_001n, '1969-12-31T23:59:59.999999Z'],
    // The low word overflows when the epochs are added.
    [(1n << 32n) - 1n, '2000-01-01T01:11:34.967295Z'],
    [7_258_118_400_000_000n, '2230-01-01T00:00:00.000000Z'],
  ] as const;
  const reader = StreamReader.recording();
  for (const [micros] of cases) reader.read(frames.begin(1n, 9n, 0xffff_ffff, micros), frames.commit(9n, 9n, 10n));
  const begins = reader.sink.lines.filter((line) => line.startsWith('begin'));
  assert.deepEqual(
    begins,
    cases.map(([, text]) => `begin 4294967295 ${text}`),
  );
});

test('positions above 2^53 and with the highest bit keep all their digits', () => {
  const reader = StreamReader.recording();
  const end = 0xfedc_ba98_8765_4321n;
  reader.read(...transaction(1, end, frames.relation(end, TABLE), frames.insert(end - 50n, TABLE.id, ['1', 'a'])));
  assert.equal(reader.sink.lines.at(-1), 'commit FEDCBA98/87654321');
  assert.deepEqual(reader.sink.rowLsns, ['FEDCBA98/876542EF']);
  assert.deepEqual([reader.parser.readHigh, reader.parser.readLow], [0xfedc_ba98, 0x8765_4321]);
});

test('unchanged values, empty text and null stay three different things', () => {
  const reader = StreamReader.recording();
  const relation = frames.relation(1n, TABLE);
  reader.read(
    ...transaction(
      1,
      900n,
      relation,
      frames.update(2n, TABLE.id, ['1', UNCHANGED], ['K', ['0', null]]),
      frames.insert(3n, TABLE.id, ['2', '']),
    ),
  );
  assert.deepEqual(reader.sink.changes, ['update s.t old-key(0,null) new(1,~)', 'insert s.t new(2,"")']);
});

test('rows of a table that is not wanted are passed over', () => {
  const reader = StreamReader.recording();
  reader.sink.unwanted.add('s.t');
  const other = { ...TABLE, id: 7, table: 'u' };
  const rows = [frames.relation(1n, TABLE), frames.relation(1n, other)];
  rows.push(
    frames.insert(2n, TABLE.id, ['1', 'a']),
    frames.insert(3n, 7, ['1', 'b']),
    frames.truncate(4n, [TABLE.id]),
    frames.truncate(5n, [TABLE.id, 7]),
  );
  reader.read(...transaction(1, 900n, ...rows));
  assert.deepEqual(reader.sink.changes, ['insert s.u new(1,b)', 'truncate s.u']);
});

test('the same description again is no new version', () => {
  const reader = StreamReader.recording();
  const relation = frames.relation(1n, TABLE);
  reader.read(
    ...transaction(1, 900n, relation, relation),
    ...transaction(2, 1900n, frames.relation(1n, { ...TABLE, columns: [['*id', 20]] }), relation),
  );
  assert.deepEqual(
    reader.sink.schemas.map(({ id }) => id),
    [1, 2],
    'and neither is a return to it',
  );
});

test('a description, which comes without a place, holds from the change before it, or from the beginning of its transaction', () => {
  const reader = StreamReader.recording();
  const relation = frames.relation(0n, TABLE);
  // An earlier transaction may be committed behind the first changes of a later one.
  reader.read(...transaction(1, 900n, relation, frames.insert(850n, TABLE.id, ['1', 'a']), relation));
  reader.read(frames.begin(400n, 1_000n, 2), relation, frames.commit(1_000n, 1_000n, 1_008n));
  reader.read(frames.begin(0n, 2_000n, 3), relation, frames.commit(2_000n, 2_000n, 2_008n));
  const places = reader.binder.places.map(({ xid, from }) => [xid, from.low]);
  assert.deepEqual(places, [
    [1, 800],
    [1, 850],
    [2, 400],
    [3, 0],
  ]);
});

test('origins and logical messages, inside and outside of transactions, are passed over', () => {
  const reader = StreamReader.recording();
  const origin = frames.xlogData(1n, Buffer.from('O'), frames.u64(1n), frames.text('other'));
  const message = frames.xlogData(1n, Buffer.from('M\0'), frames.u64(1n), frames.text('prefix'), frames.u32(3), Buffer.from('abc'));
  reader.read(message, ...transaction(1, 900n, origin, message));
  assert.deepEqual(
    reader.sink.lines.map((line) => line.split(' ')[0]),
    ['begin', 'commit'],
  );
});

describe('keepalives', () => {
  test('move the idle position between transactions, and only forward', () => {
    const reader = StreamReader.recording();
    reader.parser.startAt({ high: 0, low: 100 });
    reader.read(frames.keepalive(90n));
    reader.parser.reportIdle();
    assert.deepEqual(reader.sink.lines, []);
    reader.read(frames.keepalive(0x1_0000_0000n), frames.keepalive(200n));
    reader.parser.reportIdle();
    reader.parser.reportIdle();
    assert.deepEqual(reader.sink.lines, ['idle 1/0']);
  });

  test('inside a transaction are no progress, though the server climbs through it', () => {
    const reader = StreamReader.recording();
    reader.read(frames.begin(1n, 500n, 1), frames.keepalive(499n));
    reader.parser.reportIdle();
    assert.deepEqual(reader.sink.changes, []);
    assert.equal(reader.sink.lines.length, 1);
    reader.read(frames.commit(500n, 500n, 508n), frames.keepalive(499n));
    reader.parser.reportIdle();
    assert.equal(reader.sink.lines.at(-1), 'commit 0/1FC');
  });

  test('that ask for an answer say so', () => {
    const reader = StreamReader.recording();
    reader.read(frames.keepalive(1n));
    assert.equal(reader.parser.replyRequested, false);
    reader.read(frames.keepalive(1n, true), frames.keepalive(1n));
    assert.equal(reader.parser.replyRequested, true);
  });
});

describe('messages that cannot be', () => {
  const open = [frames.begin(1n, 500n, 1), frames.relation(1n, TABLE)];
  const whole = frames.insert(2n, TABLE.id, ['1', 'a']);
  const body = whole.subarray(5 + 25);
  const inserts = (bytes: Uint8Array) => [...open, frames.xlogData(2n, bytes)];
  const cases: Record<string, readonly Buffer[]> = {
    'a row before Begin': [frames.relation(1n, TABLE), whole],
    'a row of an unknown relation': [...open, frames.insert(2n, 1, ['1', 'a'])],
    'a column less': [...open, frames.insert(2n, TABLE.id, ['1'])],
    'a column more': [...open, frames.insert(2n, TABLE.id, ['1', 'a', 'b'])],
    'a byte less': inserts(body.subarray(0, -1)),
    'a byte more': inserts(Buffer.concat([body, Buffer.of(0)])),
    'an old tuple in an insert': inserts(Buffer.concat([body.subarray(0, 5), Buffer.from('K'), body.subarray(6)])),
    'a length beyond the frame': inserts(Buffer.concat([body.subarray(0, 9), frames.u32(0x7fff_ffff), body.subarray(13)])),
    'a negative length': inserts(Buffer.concat([body.subarray(0, 9), frames.u32(0xffff_ffff), body.subarray(13)])),
    'a binary value': inserts(Buffer.concat([body.subarray(0, 8), Buffer.from('b'), body.subarray(9)])),
    'a delete without kind': [...open, frames.xlogData(2n, Buffer.concat([Buffer.from('D'), body.subarray(1)]))],
    'an update with an old tuple alone': [
      ...open,
      frames.xlogData(2n, Buffer.concat([Buffer.from('U'), body.subarray(1, 5), Buffer.from('K'), body.subarray(6)])),
    ],
    'Begin in a transaction': [...open, frames.begin(1n, 600n, 2)],
    'Commit without one': [frames.commit(1n, 1n, 2n)],
    'Commit of another one': [...open, frames.commit(501n, 501n, 502n)],
    'an unknown message': [...open, frames.xlogData(1n, Buffer.from('S'))],
    'an empty message': [...open, frames.xlogData(1n)],
    'CopyData of nothing': [frames.message('d')],
    'CopyData of another protocol': [frames.message('d', Buffer.from('x'.repeat(40)))],
    'a keepalive cut short': [frames.message('d', Buffer.from('k'), frames.u64(1n))],
    'TRUNCATE of more relations than it names': [
      ...open,
      frames.xlogData(1n, Buffer.from('T'), frames.u32(3), Buffer.of(0), frames.u32(TABLE.id)),
    ],
    'TRUNCATE of an unknown relation': [...open, frames.truncate(1n, [1])],
    'a relation with an unknown identity': [...open, frames.relation(1n, { ...TABLE, identity: 'x' as 'd' })],
  };
  for (const [name, bytes] of Object.entries(cases)) {
    test(name, () => {
      assert.throws(() => StreamReader.recording().read(...bytes), { code: 'STREAM_PROTOCOL' });
    });
  }
});
