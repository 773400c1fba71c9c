import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Mark } from '../../engine/change/snapshot.ts';
import { sendMark, type MarkWiring, type ReadSink } from '../../engine/read-marks.ts';
import { CurrentUnits } from '../../engine/table-read-wiring.ts';
import { tableSchema } from '../support/rows.ts';
import { until } from '../support/wait.ts';

const SCHEMAS = [1, 2].map((id) => tableSchema([{ name: 'id', kind: 'int' }], ['id'], { id }));

/** Marks of two tables, whose delivery is for the test to say. */
function stage() {
  const words = new Int32Array(new SharedArrayBuffer(128));
  const current = new CurrentUnits(null);
  const given: string[] = [];
  const slots: number[] = [];
  const state = { refusals: 0, isLeft: false };
  const sink = {
    schema: ({ id }: { id: number }) => given.push(`schema ${id}`),
    enterUnit: (unit: number) => {
      slots[unit] = current.enter(unit)!.slot;
      words[slots[unit] * 2] = 1;
      return true;
    },
    marks: {
      give: (mark: number, schemaId: number) => {
        if (state.refusals-- > 0) return false;
        given.push(`mark ${mark} of ${schemaId} at ${current.microsLow}`);
        return true;
      },
    },
    leaveUnit: () => undefined,
    flush: () => undefined,
    endUnit: (unit: number) => current.end(unit),
  };
  const wiring = {
    sink: { delivery: { epochs: { words, base: 0, stride: 2, slots: 8, outstanding: 0, poisoned: 1 } } },
    encoders: { rings: [{ position: 0, hasPassed: () => true }] },
    current,
  };
  const order = { mark: 'complete', source: { schemas: SCHEMAS, micros: 5n }, isLeft: () => state.isLeft } as const;
  const sent = sendMark(sink as unknown as ReadSink, order, wiring as unknown as MarkWiring);
  const deliver = (unit: number) => (words[slots[unit]! * 2] = 0);
  return { state, given, sent, deliver };
}

test('a mark of each table is given at the time of what was read, again where it was refused, and waited for until all are delivered', async () => {
  const { state, given, sent, deliver } = stage();
  state.refusals = 2;
  let isSent = false;
  void sent.then(() => (isSent = true));
  await until(() => given.length === 4, { what: () => given.join() });
  assert.deepEqual(given, ['schema 1', `mark ${Mark.complete} of 1 at 5`, 'schema 2', `mark ${Mark.complete} of 2 at 5`]);
  deliver(1);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(isSent, false, 'the first is on its way');
  deliver(0);
  assert.equal(await sent, true);
});

test('a mark that is no longer wanted is waited for no longer, be it refused or on its way', async () => {
  const refused = stage();
  refused.state.refusals = Infinity;
  refused.state.isLeft = true;
  assert.equal(await refused.sent, false);
  const onItsWay = stage();
  await until(() => onItsWay.given.length === 4, { what: () => onItsWay.given.join() });
  onItsWay.state.isLeft = true;
  assert.equal(await onItsWay.sent, false);
});
