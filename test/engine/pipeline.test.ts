import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pipeline, type PipelineParts } from '../../engine/pipeline.ts';
import type { Position } from '../../engine/change/position.ts';
import { lsnOf } from '../support/lsn-of.ts';

const FROM: Position = { kind: 'postgres', parts: [{ connection: 'slot', lsn: '0/10' }] };

/** A pipeline over stages that only say what is asked of them. */
class Bench {
  readonly events: string[] = [];
  readonly pipeline: Pipeline;
  private endSnapshot: () => void = () => undefined;

  constructor() {
    const snapshot = {
      isRunning: false,
      run: async () => {
        snapshot.isRunning = true;
        this.events.push('tables are read');
        await new Promise<void>((resolve) => (this.endSnapshot = resolve));
        snapshot.isRunning = false;
        this.events.push('the last unit is stored');
      },
      stop: async () => {
        this.endSnapshot();
        return true;
      },
      tick: () => undefined,
    };
    const source = { stream: async (from: Position) => void this.events.push(`the stream begins at ${lsnOf(from)}`) };
    const parts = {
      snapshot,
      source,
      dispatcher: {},
      epochs: { age: () => 0, hasIdleProgress: false, drained: true },
      checkpointer: { tick: () => undefined },
      encoders: { failed: new Promise(() => undefined) },
      checkDelivery: () => undefined,
      epochMs: 1000,
      now: () => performance.now(),
    };
    this.pipeline = new Pipeline(parts as unknown as PipelineParts);
  }

  finishSnapshot(): void {
    this.endSnapshot();
  }
}

test('the stream begins when every unit of the snapshot is stored', async () => {
  const bench = new Bench();
  setTimeout(() => bench.finishSnapshot(), 50);
  await bench.pipeline.run(FROM);
  assert.deepEqual(bench.events, ['tables are read', 'the last unit is stored', 'the stream begins at 0/10']);
});

test('a stop while tables are read begins no stream', async () => {
  const bench = new Bench();
  const running = bench.pipeline.run(FROM);
  await bench.pipeline.stop(30_000);
  await running;
  assert.deepEqual(bench.events, ['tables are read', 'the last unit is stored']);
});

test('where no stream follows, the end of the snapshot is the end', async () => {
  const bench = new Bench();
  setTimeout(() => bench.finishSnapshot(), 50);
  await bench.pipeline.run(null);
  assert.deepEqual(bench.events, ['tables are read', 'the last unit is stored']);
});

test('an end whose reason is still being found out is told with it, and not with what follows from it', async () => {
  const bench = new Bench();
  const ended = assert.rejects(bench.pipeline.run(FROM), /somebody else owns it/);
  let tell: (why: Error) => void = () => undefined;
  bench.pipeline.abortFor(new Promise((resolve) => (tell = resolve)));
  bench.pipeline.abort(new Error('the producer is closed'));
  tell(new Error('somebody else owns it'));
  await ended;
});
