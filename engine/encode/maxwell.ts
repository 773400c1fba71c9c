import type { RowProgram } from '../../native-bridge/row-layout.ts';
import { ByteView } from '../base/byte-view.ts';
import type { RowStyle } from '../change/json/object.ts';
import type { SchemaRecord } from '../change/schema-record.ts';
import { ENCODE_FULL, type Encoder, type MaxwellOptions } from './encoder.ts';
import { MaxwellOrigin } from './maxwell-origin.ts';
import { MaxwellTable } from './maxwell-table.ts';
import { PushClock } from './push-clock.ts';
import { failUnknownSchema, RowRecord } from './row-record.ts';
import { rowStyleOf } from './row-style.ts';

const CLOSE = 0x7d;

/**
 * Maxwell's JSON (Maxwell's documentation, "Data format"), one compact object without blanks:
 * `database, table, type, ts, xid, xoffset, commit, position, gtid, server_id, thread_id, schema_id, push_ts, comment, primary_key,
 * primary_key_columns, data, old`; which of them there are is for the options to say.
 *
 * - Rows of a snapshot are inserts at its time, without `xid`, `xoffset`, `commit`, `gtid`, and without `position` unless they have one.
 * - Those of a bootstrap are `bootstrap-insert`, never with `position`, between a `bootstrap-start` and a `bootstrap-complete`, whose `data`
 *   is empty and which have no primary key; all have the `comment` of who ordered it, if there is one.
 * - `xoffset` numbers the rows of a transaction from 0; its last row has `commit` instead, always `true`.
 * - `primary_key` holds the values of the new row's primary key; `[]` for a table without one.
 * - `old` of an update and `data` of a delete follow the option `old`:
 *   - `key`: the key's old values, null for every other column. A table without a key has its whole old row, when the server sends it.
 *   - `full`: the whole old row with REPLICA IDENTITY FULL, else as `key`.
 *   - `changed`: the old values of columns that differ in the message; no `old` when none is known to. The whole row of a delete, when it
 *     is known.
 * - Unchanged TOAST, and what the log left out of the new row, is filled from the old row, else its column is left out of `data`.
 * - A row that is read again, after a crash, gives the same bytes again, but for `push_ts`.
 *
 * Nothing is allocated for a row, but by the errors.
 */
export class MaxwellEncoder implements Encoder {
  private readonly options: MaxwellOptions;
  private readonly style: RowStyle;
  private readonly clock: PushClock;
  private readonly made: MaxwellOrigin;
  /** By schema id. */
  private readonly tables: (MaxwellTable | undefined)[] = [];
  private readonly row = new RowRecord();
  private readonly output = new ByteView(new Uint8Array(0));

  constructor(options: MaxwellOptions, clock: PushClock = new PushClock()) {
    this.options = options;
    this.clock = clock;
    this.style = rowStyleOf(options);
    this.made = new MaxwellOrigin(options);
  }

  schema(record: SchemaRecord): RowProgram {
    const table = new MaxwellTable(record, this.options, this.style, this.clock, this.made);
    this.tables[record.schema.id] = table;
    return table.compile();
  }

  origin(gtid: string | null, serverId: number, threadId: number): void {
    this.made.set(gtid, serverId, threadId);
  }

  encode(bytes: Uint8Array, words: Int32Array, record: number, out: Uint8Array, position: number): number {
    const { row, output } = this;
    row.read(bytes, words, record);
    output.use(out);
    const table = this.tables[row.schemaId];
    if (table === undefined) return failUnknownSchema(row.schemaId);
    const room = out.length - position;
    if (table.wideBound(row) > room && table.closeBound(row) > room) return ENCODE_FULL;
    const end = row.isMark ? table.writeMark(row, output, position) : table.write(row, output, position);
    out[end] = CLOSE;
    return end + 1;
  }
}
