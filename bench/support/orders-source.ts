import type { GeneratorTarget } from '../latency/generator.ts';
import type { EngineTarget } from './engine.ts';
import type { ObservedProcess } from './observed-process.ts';
import type { Reading } from './transfer.ts';

/** A database with an `orders` table, whose log the product reads: what latency and memory benches need of one, whatever its kind. */
export interface OrdersSource {
  /** Where the load generator inserts rows into it. */
  readonly target: GeneratorTarget;
  /** Deletes all rows. */
  empty(): Promise<void>;
  /** Inserts the ids 1 to `rows` by one statement. */
  insertAll(rows: number): Promise<void>;
  /** Marks the end of its log. */
  mark(): Promise<LogMark>;
}

/** A place in a log, from which it can be read again and again. */
export interface LogMark {
  open(): Promise<EngineReading>;
  drop(): Promise<void>;
}

/** One reading by the product. */
export interface EngineReading extends Reading {
  readonly startEngine: (target: EngineTarget) => Promise<ObservedProcess>;
}
