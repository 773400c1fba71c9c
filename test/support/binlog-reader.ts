import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RowSink } from '../../engine/change/row-sink.ts';
import { RAW_TYPES } from '../../engine/source/mysql/binlog/ambiguity.ts';
import { HEADER_BYTES, u32le } from '../../engine/source/mysql/binlog/event-layout.ts';
import { formatGtid } from '../../engine/source/mysql/binlog/gtid-event.ts';
import { comesInParts } from '../../engine/source/mysql/binlog/payload-event.ts';
import { BinlogParser, type BinlogParserOptions } from '../../engine/source/mysql/binlog/parser.ts';
import { HEAD_BYTES } from '../../engine/source/mysql/packet.ts';
import { TableVersions } from '../../engine/source/versions.ts';
import { projectRoot } from './paths.ts';
import { tempDir } from './temp.ts';

/** The bytes in front of the events of a file. */
export const MAGIC = Uint8Array.of(0xfe, 0x62, 0x69, 0x6e);
export const FILE = 'binlog.000007';

/** A parser of a log that begins with `FILE`, or another, and what it told besides what the sink was told. */
export class BinlogReader {
  readonly parser: BinlogParser;
  /** GTIDs of the transactions that were passed, `-` for one without. */
  readonly gtids: string[] = [];
  readonly infos: string[] = [];

  constructor(sink: RowSink, options: Partial<BinlogParserOptions> = {}, file = FILE) {
    let version = 0;
    this.parser = new BinlogParser({
      sink,
      flavor: 'mariadb',
      versions: new TableVersions(() => ++version),
      zone: 'UTC',
      ambiguous: RAW_TYPES,
      events: { info: (message) => this.infos.push(message), warn: (_code, message) => this.infos.push(message) },
      spillDirectory: join(tempDir(undefined, 'millrace-spill-'), 'spill'),
      heldBytesMax: 32 * 1024 * 1024,
      eventBytesMax: 64 * 1024 * 1024,
      isSelected: () => true,
      passed: (gtid) => this.gtids.push(gtid === null ? '-' : formatGtid(gtid)),
      ...options,
    });
    this.parser.startAt(file, MAGIC.length);
  }

  /**
   * Reads events, each with its whole length in its header, and goes on whenever there is room.
   * @param partBytes those that come in parts come by so many bytes
   */
  read(events: Uint8Array, partBytes = Number.POSITIVE_INFINITY): void {
    for (const event of eventsOf(events)) {
      if (event.length > HEAD_BYTES && comesInParts(event, 0)) this.readParts(event, partBytes);
      else this.finish(this.parser.event(event, 0, event.length));
    }
  }

  private readParts(event: Uint8Array, partBytes: number): void {
    for (let at = 0, end = HEAD_BYTES; at < event.length; at = end, end = Math.min(at + partBytes, event.length)) {
      this.finish(this.parser.part(event, at, end, end === event.length));
    }
  }

  private finish(isTaken: boolean): void {
    for (let isDone = isTaken; !isDone;) isDone = this.parser.resume();
  }

  /** Reads a whole file. */
  readFile(bytes: Uint8Array): void {
    this.read(bytes.subarray(MAGIC.length));
  }
}

/** The events that lie in `bytes` one behind the other. */
export function eventsOf(bytes: Uint8Array): Uint8Array[] {
  const events: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = at + HEADER_BYTES <= bytes.length ? Math.max(HEADER_BYTES, u32le(bytes, at + 9)) : HEADER_BYTES;
    events.push(bytes.subarray(at, at + length));
    at += length;
  }
  return events;
}

interface VectorCase {
  readonly name: string;
  readonly binlog_base64: string;
}

/** Binlog files of MariaDB 10.11 by the name of their case. */
export function binlogVectors(file: '07-binlog-variants' | '11-mariadb-binlog-fixtures'): Map<string, Uint8Array> {
  const text = readFileSync(join(projectRoot, `test/vectors/maxscale/${file}.json`), 'utf8');
  const { cases } = JSON.parse(text) as { readonly cases: readonly VectorCase[] };
  return new Map(cases.map(({ name, binlog_base64: base64 }) => [name, Buffer.from(base64, 'base64')]));
}
