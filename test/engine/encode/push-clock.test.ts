import assert from 'node:assert/strict';
import test from 'node:test';
import { ByteView } from '../../../engine/base/byte-view.ts';
import { PushClock, writeSeconds } from '../../../engine/encode/push-clock.ts';

function secondsOf(micros: number): string {
  const output = new ByteView(new Uint8Array(40));
  return Buffer.from(output.bytes.subarray(3, writeSeconds(micros, output, 3))).toString();
}

test('seconds have the digits that Maxwell writes', () => {
  const second = 1_757_417_323_000_000;
  for (const [micros, written] of [
    [484_600, '1757417323.4846'],
    [0, '1757417323.0'],
    [1, '1757417323.0000010'],
    [10, '1757417323.000010'],
    [100, '1757417323.00010'],
    [9, '1757417323.0000090'],
    [12, '1757417323.000012'],
    [120, '1757417323.00012'],
    [101, '1757417323.000101'],
    [1_000, '1757417323.001'],
    [100_000, '1757417323.1'],
    [123_456, '1757417323.123456'],
    [999_999, '1757417323.999999'],
  ] as const) {
    assert.equal(secondsOf(second + micros), written);
  }
});

test('the clock has the microseconds of the fine one, and follows the wall clock when that is set', () => {
  let wall = 1_000_000;
  let fine = 5.25;
  const clock = new PushClock(
    () => wall,
    () => fine,
  );
  assert.equal(clock.micros(), 1_000_000_000);
  fine += 0.123;
  assert.equal(clock.micros(), 1_000_000_123);
  wall += 3_600_000;
  assert.equal(clock.micros(), 4_600_000_000);
  wall -= 7_200_000;
  fine += 0.001;
  assert.equal(clock.micros(), -2_600_000_000);
});
