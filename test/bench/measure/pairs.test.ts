import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runPairs } from '../../../bench/measure/pairs.ts';

test('product and reference run in turn, and each keeps its own results in order', async (t) => {
  // A machine that others keep busy would be waited for.
  const before = process.env['MILLRACE_BENCH_NO_WAIT'];
  process.env['MILLRACE_BENCH_NO_WAIT'] = '1';
  t.after(() => {
    if (before === undefined) delete process.env['MILLRACE_BENCH_NO_WAIT'];
    else process.env['MILLRACE_BENCH_NO_WAIT'] = before;
  });
  const order: string[] = [];
  const run = (name: string) => () => {
    order.push(name);
    return Promise.resolve(`${name}${order.length}`);
  };
  const pairs = await runPairs(2, run('product'), run('reference'));
  assert.deepEqual(order, ['product', 'reference', 'product', 'reference']);
  assert.deepEqual(pairs, { product: ['product1', 'product3'], reference: ['reference2', 'reference4'], othersBusyCores: 0 });
});
