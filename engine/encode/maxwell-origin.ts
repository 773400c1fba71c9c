import type { ByteView } from '../base/byte-view.ts';
import { CONSTANT_SLACK, Constant, jsonString, writeConstant } from '../change/json/constant.ts';
import type { MaxwellOptions } from './encoder.ts';
import { namerOf } from './names.ts';

/** The fields that say who made a row, as far as they are asked for: `gtid`, `server_id`, `thread_id`. One for all tables of a worker. */
export class MaxwellOrigin {
  /** Whether messages have any of them. */
  readonly isWanted: boolean;
  private readonly options: MaxwellOptions;
  private readonly nameOf: (name: string) => string;
  private fields = new Constant(new Uint8Array(0));

  constructor(options: MaxwellOptions) {
    this.options = options;
    this.nameOf = namerOf(options.naming);
    this.isWanted = options.gtid || options.serverId === 'origin' || options.threadId === 'origin';
  }

  /** Most bytes that `write` writes. */
  get lengthMax(): number {
    return this.fields.length + CONSTANT_SLACK;
  }

  /** Who made the rows that follow: `RowSink.origin`. A thread 0 is one that the log does not tell. */
  set(gtid: string | null, serverId: number, threadId: number): void {
    const { options } = this;
    const field = (name: string, value: string) => `,"${this.nameOf(name)}":${value}`;
    const parts = [
      options.gtid ? field('gtid', gtid === null ? 'null' : Buffer.from(jsonString(gtid)).toString()) : '',
      options.serverId === 'origin' ? field('server_id', String(serverId)) : '',
      options.threadId === 'origin' && threadId !== 0 ? field('thread_id', String(threadId)) : '',
    ];
    this.fields = new Constant(Buffer.from(parts.join('')));
  }

  write(output: ByteView, position: number): number {
    return writeConstant(this.fields, output, position);
  }
}
