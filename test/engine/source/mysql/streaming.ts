import type { TestContext } from 'node:test';
import type { BinlogStart } from '../../../../engine/change/source-binding.ts';
import { positionText, type Position } from '../../../../engine/change/position.ts';
import { openMysql, type OpenOptions } from '../../../../engine/source/mysql/open.ts';
import { parseStartOption } from '../../../../engine/source/mysql/start-option.ts';
import type { OpenedSource, Source } from '../../../../engine/source/source.ts';
import { BinlogSink } from '../../../support/binlog-sink.ts';
import type { MysqlServer } from '../../../support/mysql-server.ts';
import { tempDir } from '../../../support/temp.ts';
import { until } from '../../../support/wait.ts';

const EVENT_BYTES_MAX = 40_000_000;
const SERVER_ID = 4_000_000_001;

export interface StreamingOptions extends Partial<OpenOptions> {
  /** `MILLRACE_START_POSITION`. */
  readonly start?: string;
  readonly stored?: BinlogStart | null;
}

/** A source that is opened, and what it gives once it streams. */
export class Streaming {
  readonly sink = new BinlogSink();
  readonly warnings: readonly string[];
  readonly opened: OpenedSource;
  readonly source: Source;
  /** As it was saved before the stream; null for a start from what was stored. */
  readonly saved: BinlogStart | null;
  /** Resolves with what ended the stream; null after a stop. */
  ended: Promise<(Error & { code?: string }) | null> = Promise.resolve(null);

  private constructor(opened: OpenedSource, source: Source, saved: BinlogStart | null, warnings: readonly string[]) {
    this.warnings = warnings;
    this.opened = opened;
    this.source = source;
    this.saved = saved;
  }

  /** Opens a source of the database `shop`; it streams after `run`, and ends with the test. */
  static async open(
    t: TestContext,
    server: MysqlServer,
    { start = 'newest', stored = null, ...given }: StreamingOptions = {},
  ): Promise<Streaming> {
    const warnings: string[] = [];
    const events = { warn: (code: string) => void warnings.push(code), info: () => undefined };
    const options: OpenOptions = {
      url: `${server.url()}/shop`,
      secretFile: null,
      timeoutMs: null,
      tables: ['shop.*'],
      serverId: SERVER_ID,
      replicaName: 'millrace test',
      exactPlaces: false,
      startPosition: parseStartOption(start)!,
      zone: 'UTC',
      ambiguousTypes: 'error',
      spillDirectory: tempDir(),
      eventBytesMax: EVENT_BYTES_MAX,
      ...given,
    };
    let saved: BinlogStart | null = null;
    const opened = await openMysql(options, stored, {
      events,
      accept: async () => undefined,
      save: async (begun) => void (saved = begun),
      schemaVersionOf: () => 1,
    });
    const retry = { attempts: 0, backoffMs: 50, backoffMaxMs: 200, timeoutMs: null };
    const settings = { events, rowBytesMax: options.eventBytesMax, chunkBytes: 0, retry, onJoin: null, order: () => undefined };
    const streaming = new Streaming(opened, opened.stream!.begin(settings).source, saved, warnings);
    t.after(async () => await streaming.source.stop());
    return streaming;
  }

  /** Begins to stream, where the start says. */
  run(): this {
    this.ended = this.source.stream(this.opened.stream!.position, this.sink).then(
      () => null,
      (error: Error) => error,
    );
    return this;
  }

  /** Waits until the sink has so many changes, and returns them all. */
  async changes(count: number): Promise<string[]> {
    const what = () => `${count} changes:\n${this.sink.lines.join('\n')}\n${this.warnings.join(' ')}`;
    await until(() => this.sink.changes.length >= count, { deadlineMs: 20_000, what });
    return this.sink.changes;
  }

  /** The position behind all that was read, as a checkpoint would have it. */
  position(): Position {
    const last = () => this.sink.lines.findLast((line) => /^(commit|idle)/.test(line));
    const at = /(\d+):(\d+)$/.exec(last() ?? '');
    const place = (BigInt(at?.[1] ?? 0) << 40n) | BigInt(at?.[2] ?? 0);
    return this.source.positionOf(Number(place >> 32n), Number(place & 0xff_ff_ff_ffn));
  }

  text(): string {
    return positionText(this.position());
  }

  /** What a start from here finds stored. */
  stored(): BinlogStart {
    return { position: this.position() as BinlogStart['position'], source: this.opened.binding as BinlogStart['source'] };
  }
}
