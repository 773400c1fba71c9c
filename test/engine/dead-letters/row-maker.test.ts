import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OldImage, Operation } from '../../../engine/change/operation.ts';
import { RowMaker } from '../../../engine/dead-letters/row-maker.ts';
import { compilePlan } from '../../../engine/dispatch/plan.ts';
import { createEncoder } from '../../../engine/encode/formats.ts';
import { KV_JSON } from '../../support/formats.ts';
import { rowImage } from '../../support/rows.ts';
import { letterRow, SCHEMA } from './samples.ts';

const TOPIC = { name: 'orders', index: 0, partitions: 5, targetBase: 0, maxMessageBytes: 1000 };

function maker(): RowMaker {
  const placement = { by: 'key', columns: [], fallback: 'random', hash: 'murmur2' } as const;
  const rules = { keyFormat: 'primary_key', placement, keyChange: 'delete-insert', decoders: {}, workers: 1 } as const;
  return new RowMaker({
    planOf: async (schema) => compilePlan(schema, schema.table, [TOPIC, TOPIC, TOPIC], rules),
    encoder: createEncoder(KV_JSON),
    largeBytes: 1_000_000,
    headerBytes: 100,
    targets: 5,
  });
}

const textsOf = (messages: Awaited<ReturnType<RowMaker['messagesOf']>>) =>
  messages.map(({ key, value }) => [key?.toString(), value?.toString()]);

test('a row becomes what the changefeed would make of it now, one row after the other', async () => {
  const rows = maker();
  for (const id of ['1', '2']) {
    const messages = await rows.messagesOf(letterRow(), rowImage([id, 'é']));
    assert.deepEqual(textsOf(messages), [[`{"id":"${id}"}`, `{"id":"${id}","v":"é"}`]]);
    assert.equal(messages[0]!.topic, TOPIC);
  }
  const snapshot = await rows.messagesOf(letterRow({ isSnapshot: true }), rowImage(['3', null]));
  assert.deepEqual(textsOf(snapshot), [['{"id":"3"}', '{"id":"3","v":null}']]);
});

test('an update of the key becomes two, another version of the table is another table', async () => {
  const rows = maker();
  const old = rowImage(['1', 'v']);
  const row = letterRow({ operation: Operation.update, oldImage: OldImage.full, oldLength: old.length });
  assert.deepEqual(textsOf(await rows.messagesOf(row, Buffer.concat([old, rowImage(['2', 'v'])]))), [
    ['{"id":"1"}', undefined],
    ['{"id":"2"}', '{"id":"2","v":"v"}'],
  ]);
  const renamed = { ...SCHEMA, columns: SCHEMA.columns.map((column, i) => (i === 1 ? { ...column, name: 'w' } : column)) };
  assert.deepEqual(textsOf(await rows.messagesOf(letterRow({ schema: renamed }), rowImage(['1', 'x']))), [
    ['{"id":"1"}', '{"id":"1","w":"x"}'],
  ]);
});

test('a row that still cannot be sent is the same error, and the next one goes on', async () => {
  const rows = maker();
  await assert.rejects(rows.messagesOf(letterRow(), rowImage(['1', 'x'.repeat(900)])), { code: 'MESSAGE_TOO_LARGE' });
  await assert.rejects(rows.messagesOf(letterRow(), rowImage(['x'.repeat(70_000), 'v'])), { code: 'KEY_TOO_LARGE' });
  await assert.rejects(rows.messagesOf(letterRow(), rowImage([Uint8Array.of(0xe9), 'v'])), { code: 'VALUE_INVALID' });
  assert.equal((await rows.messagesOf(letterRow(), rowImage(['1', 'x'.repeat(800)]))).length, 1);
});
