import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DeadLetterRoute } from '../../../engine/change/dead-letter.ts';
import { DeadLetters, type LetterProducer } from '../../../engine/encode/dead-letters.ts';
import { LetterCounts } from '../../../engine/encode/letter-counts.ts';
import type { RingReader } from '../../../engine/ring/reader.ts';
import { alignRecord, NO_PARTITION, Row, ROW_HEADER_BYTES } from '../../../engine/ring/layout.ts';
import { LAYOUT } from '../../../native-bridge/layout.ts';
import { rowRecord, type TestRow } from '../../support/rows.ts';
import { numberedTable } from './workers.ts';

const ROUTE: DeadLetterRoute = {
  changefeed: 'f',
  form: 'row',
  index: 6,
  partitions: 1,
  targetBase: 9,
  bytesMax: 100_000,
  topics: ['t', 't', 't'],
};
const SCHEMA = { schema: numberedTable(1), tableName: 't1', deadLetters: ROUTE };
const ROW: TestRow = { operation: 'insert', key: '{"id":7}', new: ['7', 'text'] };
const NEVER = () => false;

/** Takes a message at the call of this number; counts looks at what is in flight. */
class Taking implements LetterProducer {
  readonly messages: { readonly words: number[]; readonly content: string; readonly headers: string }[] = [];
  looks = 0;
  calls = 0;
  private readonly at: number;
  private readonly landsAt: number;

  constructor(at = 1, landsAt = 0) {
    this.at = at;
    this.landsAt = landsAt;
  }

  produce(message: Int32Array, bytes: Uint8Array, headers: Uint8Array): boolean {
    this.calls += 1;
    if (this.calls < this.at) return false;
    this.messages.push({
      words: [...message],
      content: Buffer.from(bytes).toString('latin1'),
      headers: Buffer.from(headers).toString('latin1'),
    });
    return true;
  }

  isInFlight(target: number): boolean {
    assert.equal(target, 2);
    this.looks += 1;
    return this.looks <= this.landsAt;
  }

  offsetOf(target: number): number {
    assert.equal(target, 2);
    return this.looks > this.landsAt ? 40 : 39;
  }
}

function readerOf(row: TestRow, partition = 1, text = Buffer.alloc(0)): RingReader {
  const made = rowRecord(row);
  const bytes = new Uint8Array(new SharedArrayBuffer(alignRecord(made.bytes.length + text.length)));
  bytes.set(made.bytes);
  const words = new Int32Array(bytes.buffer);
  const images = words[Row.oldLength >> 2]! + words[Row.newLength >> 2]!;
  const key = Math.max(0, words[Row.keyLength >> 2]!);
  bytes.set(text, ROW_HEADER_BYTES + key + images);
  words[Row.partition >> 2] = partition;
  words[Row.target >> 2] = 2;
  words[Row.rowInEpoch >> 2] = 5;
  words[Row.epochAndTable >> 2] = (3 << 16) | 1;
  words[Row.sizeLimit >> 2] = text.length;
  return { bytes, words, record: 0 } as unknown as RingReader;
}

test('a letter waits for what came before it in its partition, and tells where later messages begin', () => {
  const producer = new Taking(1, 3);
  const letters = new DeadLetters(producer, new LetterCounts());
  assert.ok(letters.send(readerOf(ROW), SCHEMA, 'VALUE_INVALID', 'wrong', NEVER));
  assert.equal(producer.looks, 4);
  assert.match(producer.messages[0]!.headers, /millrace\.offset.{4}40/s);
});

test('it counts in the epoch of its row, and is offered until it is taken', () => {
  const producer = new Taking(3);
  const counts = new LetterCounts();
  assert.ok(new DeadLetters(producer, counts).send(readerOf(ROW), SCHEMA, 'VALUE_INVALID', 'wrong', NEVER));
  assert.equal(producer.calls, 3);
  const { words, content } = producer.messages[0]!;
  assert.deepEqual([words[LAYOUT.MESSAGE_OPAQUE_LOW], words[LAYOUT.MESSAGE_OPAQUE_HIGH]], [5, (3 << 16) | 1]);
  assert.equal(words[LAYOUT.MESSAGE_TOPIC], 6);
  assert.ok(content.startsWith('{"id":7}\x00\x02t'));
  assert.deepEqual([counts.byReason(), counts.ofTarget(2)], [{ VALUE_INVALID: 1 }, 1]);
});

test('a stop ends both waits, and nothing is counted', () => {
  for (const producer of [new Taking(1, 1e9), new Taking(1e9)]) {
    let asked = 0;
    const counts = new LetterCounts();
    assert.equal(
      new DeadLetters(producer, counts).send(readerOf(ROW), SCHEMA, 'VALUE_INVALID', 'wrong', () => ++asked > 2),
      false,
    );
    assert.deepEqual(counts.byReason(), {});
  }
});

test('a row that the capture refused says why itself; without a partition there is nothing to wait for', () => {
  const producer = new Taking();
  const counts = new LetterCounts();
  const text = Buffer.from(JSON.stringify({ code: 'KEY_TOO_LARGE', message: 'long', key: null, cutFrom: null }));
  const { key: _, ...keyless } = ROW;
  assert.ok(new DeadLetters(producer, counts).sendRefused(readerOf(keyless, NO_PARTITION, text), SCHEMA, NEVER));
  assert.equal(producer.looks, 0);
  assert.match(producer.messages[0]!.headers, /KEY_TOO_LARGE/);
  assert.equal(producer.messages[0]!.words[LAYOUT.MESSAGE_KEY_LENGTH], LAYOUT.NULL_LENGTH | 0);
  assert.deepEqual(counts.byReason(), { KEY_TOO_LARGE: 1 });
});
