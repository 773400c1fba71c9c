import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KcatParser, type ConsumedRecord } from './kcat-parser.ts';

const OUTPUT = Buffer.from('0 5 1700000000000 1 3\nk1\n22 0 7 -1 0\n1 9 8 0 -1\n0 6 9 2 11\nab0 1 2 3 4\nx');

test('messages are the same however the output is cut', () => {
  const wanted = [
    [0, 5, 1_700_000_000_000, 'k', '1\n2'],
    [2, 0, 7, null, ''],
    [1, 9, 8, '', null],
    [0, 6, 9, 'ab', '0 1 2 3 4\nx'],
  ];
  for (let size = 1; size <= OUTPUT.length; size++) {
    const seen: unknown[] = [];
    const parser = new KcatParser((r: ConsumedRecord) =>
      seen.push([r.partition, r.offset, r.timestamp, r.key?.toString() ?? null, r.value?.toString() ?? null]),
    );
    for (let at = 0; at < OUTPUT.length; at += size) parser.push(OUTPUT.subarray(at, at + size));
    parser.end();
    assert.deepEqual(seen, wanted, `pieces of ${size} bytes`);
  }
});

test('output that ends within a message, or is something else, is an error', () => {
  const parser = new KcatParser(() => undefined);
  parser.push(OUTPUT.subarray(0, OUTPUT.length - 1));
  assert.throws(() => parser.end(), /within a message/);
  assert.throws(() => new KcatParser(() => undefined).push(Buffer.from('% ERROR: Topic\n')), /not a message/);
});
