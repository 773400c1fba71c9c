import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RowSink } from '../../engine/change/row-sink.ts';
import { RAW_TYPES } from '../../engine/source/mysql/binlog/ambiguity.ts';
import { HeaderAt, u32le } from '../../engine/source/mysql/binlog/event-layout.ts';
import { BinlogParser } from '../../engine/source/mysql/binlog/parser.ts';
import { TableVersions } from '../../engine/source/versions.ts';
import { tempDir } from '../../test/support/temp.ts';
import type { LoadedBinlog } from '../mariadb/run.ts';
import type { CapturedLog, LogReader } from './pipeline.ts';

/** The bytes in front of the events of a file. */
const MAGIC_BYTES = 4;
/** As the engine has them with its default memory. */
const HELD_BYTES_MAX = 32 * 1024 * 1024;
const EVENT_BYTES_MAX = 64 * 1024 * 1024;

/** The file of a loaded log, cut into chunks of whole events of about `chunkBytes`. */
export function captureBinlog(log: LoadedBinlog, chunkBytes: number): CapturedLog {
  const { database, place, rows } = log;
  const events = readFileSync(join(database.server.dataDir, place.file)).subarray(MAGIC_BYTES);
  return { chunks: cut(events, chunkBytes), rows, open: (sink) => new BinlogFile(sink, log) };
}

function cut(events: Uint8Array, chunkBytes: number): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < events.length;) {
    let end = at;
    do end += eventLength(events, end);
    while (end - at < chunkBytes && end < events.length);
    chunks.push(events.subarray(at, end));
    at = end;
  }
  return chunks;
}

function eventLength(bytes: Uint8Array, at: number): number {
  return u32le(bytes, at + HeaderAt.length);
}

/** Hands the events of chunks to the parser. */
class BinlogFile implements LogReader {
  readonly #parser: BinlogParser;
  #chunk: Uint8Array = new Uint8Array(0);
  #at = 0;

  constructor(sink: RowSink, { database: { name: database, server }, place: { file } }: LoadedBinlog) {
    const { flavor } = server;
    let versions = 0;
    this.#parser = new BinlogParser({
      sink,
      flavor,
      versions: new TableVersions(() => ++versions),
      zone: 'UTC',
      ambiguous: RAW_TYPES,
      events: { info: () => undefined, warn: () => undefined },
      spillDirectory: join(tempDir(), 'spill'),
      heldBytesMax: HELD_BYTES_MAX,
      eventBytesMax: EVENT_BYTES_MAX,
      isSelected: (schema, table) => schema === database && table === 'orders',
      passed: () => undefined,
    });
    this.#parser.startAt(file, MAGIC_BYTES);
  }

  feed(bytes: Uint8Array): boolean {
    this.#chunk = bytes;
    this.#at = 0;
    return this.#readOn();
  }

  proceed(): boolean {
    return this.#parser.resume() && this.#readOn();
  }

  #readOn(): boolean {
    const chunk = this.#chunk;
    while (this.#at < chunk.length) {
      const start = this.#at;
      this.#at += eventLength(chunk, start);
      if (!this.#parser.event(chunk, start, this.#at)) return false;
    }
    return true;
  }
}
