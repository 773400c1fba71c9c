import assert from 'node:assert/strict';
import { mock, test, type TestContext } from 'node:test';
import { MillraceError } from '../../../engine/base/errors.ts';
import { SideLooks } from '../../../engine/source/side-looks.ts';

/** Lets everything run that waits for nothing but its turn. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Questions that are answered when the test says so, and what they fail with. */
function start(t: TestContext): { looks: SideLooks; answer: (error?: Error) => Promise<unknown>; asked: () => number; failures: string[] } {
  mock.timers.enable({ apis: ['setInterval'] });
  t.after(() => mock.timers.reset());
  const open: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const failures: string[] = [];
  let asked = 0;
  const looks = new SideLooks({
    everyMs: 1000,
    ask: async () => {
      asked += 1;
      await new Promise<void>((resolve, reject) => open.push({ resolve, reject }));
    },
    errorOf: (error) => new MillraceError('CONNECTION_LOST', (error as Error).message),
    onFailure: ({ message }) => failures.push(message),
  });
  const answer = async (error?: Error) => {
    const { resolve, reject } = open.shift()!;
    if (error === undefined) resolve();
    else reject(error);
    await turn();
  };
  return { looks, answer, asked: () => asked, failures };
}

test('a side connection is asked at once and then regularly, one question at a time', async (t) => {
  const { answer, asked } = start(t);
  assert.equal(asked(), 1);
  mock.timers.tick(3000);
  assert.equal(asked(), 1, 'the first is not answered yet');
  await answer();
  mock.timers.tick(1000);
  assert.equal(asked(), 2);
});

test('its failure is told once, and nothing is asked afterwards', async (t) => {
  const { looks, answer, asked, failures } = start(t);
  looks.fail(new MillraceError('CONNECTION_LOST', 'ended'));
  await answer(new Error('cannot be used'));
  mock.timers.tick(2000);
  assert.deepEqual([failures, asked(), looks.isOver], [['ended'], 1, true]);
});

test('an answer that is none is a failure, unless it was closed before', async (t) => {
  const failing = start(t);
  await failing.answer(new Error('no answer'));
  assert.deepEqual(failing.failures, ['no answer']);
  mock.timers.reset();
  const closed = start(t);
  closed.looks.close();
  await closed.answer(new Error('no answer'));
  assert.deepEqual(closed.failures, []);
});
