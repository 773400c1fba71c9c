import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MillraceError } from '../../../engine/base/errors.ts';
import type { DeadLetterRoute } from '../../../engine/change/dead-letter.ts';
import type { LetterRow } from '../../../engine/change/letter-row.ts';
import type { RowDecoder } from '../../../engine/change/row-form.ts';
import { MessageBatch, type MessageProducer } from '../../../engine/encode/batch.ts';
import { DeadLetters } from '../../../engine/encode/dead-letters.ts';
import { createEncoder } from '../../../engine/encode/formats.ts';
import { allocateLarge, LargeSlab } from '../../../engine/encode/large.ts';
import { LetterCounts } from '../../../engine/encode/letter-counts.ts';
import { EncodeLoop } from '../../../engine/encode/loop.ts';
import { PushClock } from '../../../engine/encode/push-clock.ts';
import { LAYOUT } from '../../../native-bridge/layout.ts';
import { RowEncoder } from '../../../native-bridge/row-encoder.ts';
import { INVERTED, invert, inverted } from '../../support/row-forms.ts';
import { rowImage, type TestRow } from '../../support/rows.ts';
import { bothEnds } from '../ring/rings.ts';
import { MAXWELL, numberedTable, publish, putRow, writeSchema } from './workers.ts';

const ROUTE: DeadLetterRoute = {
  changefeed: 'f',
  form: 'row',
  index: 9,
  partitions: 1,
  targetBase: 9,
  bytesMax: 90_000,
  topics: ['t', 't', 't'],
};
const TO = { topic: 0, partition: 0, target: 0, sizeLimit: 20_000 };
const FORMED = { ...numberedTable(2), form: INVERTED };

/** Like the form, but for a row that begins with `?`, which it cannot decode. */
const failing: RowDecoder = {
  packedLayout: () => null,
  decode(input, start, end, output, position) {
    const result = inverted.decode(input, start, end, output, position);
    if (output.bytes[position + 7] === 0x3f) throw new MillraceError('VALUE_INVALID', 'no such value');
    return result;
  },
};

/** What a loop hands over, in order: values of messages, and letters with what they say of their row. */
async function run(rows: readonly (readonly [id: string, text: string])[], letters: DeadLetterRoute | null): Promise<unknown[]> {
  const { writer } = bothEnds({ sideBytes: 200_000 });
  const batch = new MessageBatch({ slabBytes: 2048, messages: 16 });
  const large = new LargeSlab(allocateLarge(100_000));
  const handed: unknown[] = [];
  const taking = ({ slab, messages }: { slab: Uint8Array; messages: Int32Array }): MessageProducer => ({
    produce: (first, count) => {
      for (let i = first; i < first + count; i++) {
        const at = i * LAYOUT.MESSAGE_WORDS;
        const start = messages[at + LAYOUT.MESSAGE_VALUE_OFFSET]!;
        handed.push(Buffer.from(slab.slice(start, start + messages[at + LAYOUT.MESSAGE_VALUE_LENGTH]!)).toString());
      }
      return count;
    },
  });
  const clock = new PushClock();
  const ring = new Uint8Array(writer.memory.data);
  const loop = new EncodeLoop({
    ring: writer.memory,
    encoder: createEncoder(MAXWELL, clock),
    decoders: { inverted: () => failing },
    clock,
    batch,
    rows: new RowEncoder({ ring, slab: batch.slab, messages: batch.messages, targets: batch.targets }),
    producer: taking(batch),
    large,
    largeProducer: taking(large),
    isInFlight: () => false,
    deadLetters: new DeadLetters(
      { produce: (_, bytes, headers) => handed.push(letterOf(bytes, headers)) > 0, isInFlight: () => false, offsetOf: () => -1 },
      new LetterCounts(),
    ),
  });
  await writeSchema(writer, numberedTable(1), letters);
  await writeSchema(writer, FORMED, letters);
  for (const [id, text] of rows) {
    const row: TestRow = { operation: 'insert', key: id, xid: 9, new: rowImage([id, text]) };
    putRow(writer, row, TO);
    putRow(writer, { ...row, schemaId: 2, new: invert(row.new as Uint8Array) }, TO);
  }
  publish(writer);
  writer.finish();
  loop.run();
  return handed;
}

function letterOf(bytes: Uint8Array, headers: Uint8Array) {
  const text = Buffer.from(headers).toString('latin1');
  const row = /millrace\.row.{4}(\{.*\})/s.exec(text)?.[1];
  return {
    reason: /millrace\.reason.{4}([A-Z_]+)/s.exec(text)?.[1],
    form: row === undefined ? 'head' : (JSON.parse(row.slice(0, row.lastIndexOf('}') + 1)) as LetterRow).schema.form,
    content: Buffer.from(bytes).toString('latin1'),
  };
}

test('rows in a form of their log give the messages of canonical ones, beside such rows, small and large', async () => {
  const handed = (await run(
    [
      ['1', 'a'],
      ['2', 'x'.repeat(3000)],
      ['3', 'y'.repeat(15_000)],
      ['4', 'b'],
    ],
    null,
  )) as string[];
  assert.equal(handed.length, 8);
  for (let i = 0; i < handed.length; i += 2) assert.equal(handed[i + 1], handed[i]!.replace('"table":"t1"', '"table":"t2"'));
});

test('one that cannot be sent is a letter of its canonical row; one that cannot be decoded shows its bytes alone', async () => {
  const long = 'x'.repeat(30_000);
  const letters = (await run(
    [
      ['7', long],
      ['?', 'a'],
    ],
    ROUTE,
  )) as ReturnType<typeof letterOf>[];
  const canonical = rowImage(['7', long]).toString('latin1');
  assert.deepEqual(letters.slice(0, 2), [
    { reason: 'MESSAGE_TOO_LARGE', form: null, content: `7${canonical}` },
    { reason: 'MESSAGE_TOO_LARGE', form: null, content: `7${canonical}` },
  ]);
  const raw = invert(rowImage(['?', 'a'])).toString('latin1');
  assert.deepEqual(letters[3], { reason: 'VALUE_INVALID', form: 'head', content: `?${raw}` });
});

test('one that cannot be decoded is an error where no letters are taken', async () => {
  await assert.rejects(run([['?', 'a']], null), { code: 'VALUE_INVALID' });
});
