import { assert } from '../base/assert.ts';
import type { ByteView } from '../base/byte-view.ts';
import type { PackedLayout } from './packed-layout.ts';
import type { TableSchema } from './table-schema.ts';

/**
 * How the images of a table's rows are laid out where a source copies them as its log has them. `name` says whose layout it is, and
 * `layout` (JSON-safe) is that source's own: only its decoder reads it.
 */
export interface RowForm {
  readonly name: string;
  readonly layout: unknown;
}

/** Turns images of one form into canonical ones (`change/operation.ts`). */
export interface RowDecoder {
  /**
   * Writes the canonical image of `input[start, end)` to `output` from `position` on, and returns its end; -1 when `output` may have no
   * room for it, in which case a larger one is to be brought.
   * @throws MillraceError ROW_IMAGE_INVALID, VALUE_INVALID
   */
  decode(input: ByteView, start: number, end: number, output: ByteView, position: number): number;
  /** How native code reads the same images; null where it cannot. */
  packedLayout(): PackedLayout | null;
}

/**
 * Makes the decoder of one version of a table. Of columns outside `columns` it writes no value but that they are absent (null: of none);
 * encoders want all, the dispatcher those of keys and partitions.
 */
export type CompileRowDecoder = (schema: TableSchema, columns: readonly number[] | null) => RowDecoder;

/** The compilers of all forms by name; whoever wires the stages brings them, so that no stage knows a source. */
export type RowDecoders = Readonly<Record<string, CompileRowDecoder>>;

/** The decoder of a table's images; null where these are canonical already. */
export function rowDecoderOf(decoders: RowDecoders, schema: TableSchema, columns: readonly number[] | null): RowDecoder | null {
  if (schema.form === null) return null;
  const compile = decoders[schema.form.name];
  assert(compile !== undefined, 'every form of rows has a decoder');
  return compile(schema, columns);
}
