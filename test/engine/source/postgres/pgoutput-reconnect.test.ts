import assert from 'node:assert/strict';
import test, { describe } from 'node:test';
import * as frames from '../../../support/pgoutput-frames.ts';
import { StreamReader } from '../../../support/pgoutput-reader.ts';

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

describe('a half-read transaction after a reconnect', () => {
  const rows = [
    frames.insert(10n, TABLE.id, ['1', 'a']),
    frames.truncate(20n, [TABLE.id]),
    frames.insert(30n, TABLE.id, ['2', 'b']),
    frames.insert(30n, TABLE.id, ['3', 'c']),
  ];
  const whole = transaction(5, 900n, frames.relation(1n, TABLE), ...rows);

  test('goes on with the first row that was not read, wherever it was cut, twice over', () => {
    const expected = StreamReader.recording();
    expected.read(...whole);
    for (let cut = 0; cut <= whole.length; cut++) {
      for (let second = 0; second <= whole.length; second++) {
        const reader = StreamReader.recording();
        reader.read(...whole.slice(0, cut));
        if (cut < whole.length) {
          reader.reconnect();
          reader.read(...whole.slice(0, second));
          if (second < whole.length) {
            reader.reconnect();
            reader.read(...whole);
          }
        }
        assert.deepEqual(reader.sink.lines, expected.sink.lines, `cut after ${cut}, then ${second}`);
      }
    }
  });

  test('that is another one is a named error', () => {
    const others: [string, Buffer[]][] = [
      ['another xid', [frames.begin(800n, 892n, 6)]],
      ['another commit', [frames.begin(800n, 893n, 5)]],
      ['fewer rows', [whole[0]!, whole[1]!, rows[0]!, frames.commit(892n, 892n, 900n)]],
      ['another place of the last row', [whole[0]!, whole[1]!, rows[0]!, frames.insert(21n, TABLE.id, ['2', 'b'])]],
      ['nothing, and later ones', [frames.keepalive(893n)]],
    ];
    for (const [name, again] of others) {
      const reader = StreamReader.recording();
      reader.read(...whole.slice(0, 4));
      reader.reconnect();
      assert.throws(() => reader.read(...again), { code: 'STREAM_DIVERGED' }, name);
    }
  });

  test('is no idle point', () => {
    const reader = StreamReader.recording();
    reader.read(...whole.slice(0, 3));
    reader.reconnect();
    reader.read(frames.keepalive(891n));
    reader.parser.reportIdle();
    assert.equal(reader.sink.lines.length, 2);
  });
});
