import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Ends, bothEnds, put, take } from './rings.ts';

/** What the ring should be: a queue of numbered records, some published, some read, some released. */
interface Model {
  /** Every record from the oldest that is not released. */
  readonly queue: { number: number; mark: number; readerPosition: number }[];
  written: number;
  published: number;
  read: number;
  released: number;
}

class Put implements fc.Command<Model, Ends> {
  private readonly length: number;
  constructor(length: number) {
    this.length = length;
  }
  check = () => true;
  run(model: Model, { writer }: Ends): void {
    const before = writer.position;
    if (put(writer, model.written, this.length)) {
      model.queue.push({ number: model.written, mark: writer.position, readerPosition: 0 });
      model.written += 1;
    } else {
      assert.equal(writer.position, before, 'a refused record takes nothing');
      assert.ok(model.released < model.written, 'an empty ring takes every record');
    }
  }
  toString = () => `put(${this.length})`;
}

/** Publishes all but the last `held` records. */
class Publish implements fc.Command<Model, Ends> {
  private readonly held: number;
  constructor(held: number) {
    this.held = held;
  }
  check = (model: Model) => model.written - this.held > model.published;
  run(model: Model, { writer }: Ends): void {
    model.published = model.written - this.held;
    writer.publishTo(model.queue[model.published - model.released - 1]!.mark);
  }
  toString = () => `publish(all but ${this.held})`;
}

/** Claims and reads at most `count` records. */
class Read implements fc.Command<Model, Ends> {
  private readonly count: number;
  constructor(count: number) {
    this.count = count;
  }
  check = () => true;
  run(model: Model, { reader }: Ends): void {
    assert.equal(reader.claim(), model.read < model.published, 'exactly what is published can be claimed');
    for (let i = 0; i < this.count; i++) {
      assert.equal(reader.next(), model.read < model.published);
      if (model.read === model.published) return;
      const record = model.queue[model.read - model.released]!;
      assert.equal(take(reader), record.number);
      record.readerPosition = reader.position;
      model.read += 1;
    }
  }
  toString = () => `read(${this.count})`;
}

/** Releases all records that were read but the last `kept`. */
class Release implements fc.Command<Model, Ends> {
  private readonly kept: number;
  constructor(kept: number) {
    this.kept = kept;
  }
  check = (model: Model) => model.read - this.kept > model.released;
  run(model: Model, { writer, reader }: Ends): void {
    const gone = model.queue.splice(0, model.read - this.kept - model.released);
    model.released += gone.length;
    reader.release(gone.at(-1)!.readerPosition);
    for (const record of gone) assert.ok(writer.hasPassed(record.mark));
    for (const record of model.queue) assert.equal(writer.hasPassed(record.mark), false);
    assert.equal(writer.drained, model.released === model.published);
  }
  toString = () => `release(all but ${this.kept})`;
}

const commands = fc.commands(
  [
    fc.integer({ min: 2, max: 40 }).map((n) => new Put(n * 8)),
    fc.integer({ min: 1000, max: 2048 }).map((n) => new Put(n * 8)),
    fc.integer({ min: 2049, max: 4096 }).map((n) => new Put(n * 8)),
    fc.integer({ min: 0, max: 2 }).map((n) => new Publish(n)),
    fc.integer({ min: 1, max: 6 }).map((n) => new Read(n)),
    fc.integer({ min: 0, max: 2 }).map((n) => new Release(n)),
  ],
  { maxCommands: 400, size: 'max' },
);
/** Where the indexes begin: at zero, and so that they pass 2^31 or 2^32 on the way. */
const starts = fc.oneof(
  fc.constant(0),
  fc.integer({ min: 1, max: 8000 }).map((n) => -8 * n),
  fc.integer({ min: 1, max: 8000 }).map((n) => 0x8000_0000 - 8 * n),
);

test('the ring is a queue: order, contents, visibility and release, whatever the interleaving', () => {
  fc.assert(
    fc.property(starts, commands, (start, list) => {
      fc.modelRun(
        () => ({
          model: { queue: [], written: 0, published: 0, read: 0, released: 0 },
          real: bothEnds({ start: start | 0, sideBytes: 65_536 }),
        }),
        list,
      );
    }),
    { numRuns: 200 },
  );
});
