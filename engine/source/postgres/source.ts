import { setTimeout as delay } from 'node:timers/promises';
import { assert } from '../../base/assert.ts';
import type { MillraceError } from '../../base/errors.ts';
import { steadyClock } from '../../base/steady-clock.ts';
import type { Position, PostgresPosition } from '../../change/position.ts';
import type { RowSink } from '../../change/row-sink.ts';
import { Reconnects } from '../reconnects.ts';
import type { Source, SourceStatus } from '../source.ts';
import { Catalog } from './catalog.ts';
import { fromConnectionError } from './connection-error.ts';
import { openSession, type Session } from './connection.ts';
import { Health } from './health.ts';
import { compareLsn, formatLsn, lsnDistance, lsnIn, type Lsn } from './lsn.ts';
import type { PostgresSourceOptions } from './options.ts';
import { PgoutputParser } from './pgoutput.ts';
import { openReplication } from './replication-session.ts';
import { isMendedByReconnect } from './server-error.ts';
import { ReplicationStream } from './stream.ts';

/** How often it is looked whether the stream has come to a place, and after how many looks the server is asked where it is. */
const REACH_LOOK_MS = 2;
const LOOKS_AN_ASK = 10;

/** What belongs to one pair of connections. */
interface Link {
  readonly stream: ReplicationStream;
  readonly health: Health;
}

/**
 * PostgreSQL as a source: one replication connection that rows come from, one ordinary connection for catalogue and health, both opened
 * anew when either is lost. What is known of the stream (parser, catalogue) outlives them.
 */
export class PostgresSource implements Source {
  private readonly options: PostgresSourceOptions;
  private readonly catalog: Catalog;
  private readonly reconnects: Reconnects;
  private parser: PgoutputParser | null = null;
  /** Delivered and stored. */
  private flushed: Lsn = { high: 0, low: 0 };
  private link: Link | null = null;
  private run: Promise<void> | null = null;
  /** How `halt` was last called; null before. */
  private haltsAtOnce: boolean | null = null;
  /** Of earlier connections. */
  private earlierBytes = 0;
  private lastReceivedMs = performance.now();
  private earlierClockAheadMs = 0;

  constructor(options: PostgresSourceOptions) {
    const { slot, publication, database, selects, versions, retry, events } = options;
    this.options = options;
    this.reconnects = new Reconnects({ retry, events, isMended: isMendedByReconnect });
    this.catalog = new Catalog({ slot, publication, database, selects, versions, events, onBound: () => this.resume() });
  }

  stream(from: Position, sink: RowSink): Promise<void> {
    assert(this.run === null, 'a source streams once');
    const { slot, signals, frameBytesMax } = this.options;
    this.flushed = lsnIn(from, slot);
    const parser = new PgoutputParser({ sink, binder: this.catalog, signals, frameBytesMax });
    parser.startAt(this.flushed);
    this.parser = parser;
    this.run = this.reconnects.run((isFirst) => this.streamOnce(parser, isFirst ? this.options.side : null));
    return this.run;
  }

  resume(): void {
    this.link?.stream.resume();
  }

  ack(position: Position): void {
    const lsn = lsnIn(position, this.options.slot);
    assert(compareLsn(lsn.high, lsn.low, this.flushed.high, this.flushed.low) >= 0, 'acknowledged positions do not go back');
    this.flushed = lsn;
    this.link?.stream.acknowledge(lsn);
  }

  /** Resolves once everything that the log has before this place is with the sink. The server is asked, where nothing comes by itself. */
  async reached(lsn: Lsn, signal: AbortSignal): Promise<void> {
    for (let looks = 0; this.parser === null || !hasRead(this.parser, lsn); looks++) {
      if (looks % LOOKS_AN_ASK === 0) this.link?.stream.askForPlace();
      await delay(REACH_LOOK_MS, undefined, { signal });
    }
  }

  halt(atOnce: boolean): void {
    this.haltsAtOnce = atOnce;
    this.link?.stream.halt(atOnce);
  }

  get hasHalted(): boolean {
    return this.haltsAtOnce !== null && (this.link === null || this.link.stream.hasHalted);
  }

  async stop(): Promise<void> {
    this.reconnects.stop();
    await this.link?.stream.stop();
    // What it fails with is for whoever awaits `stream`.
    await this.run?.catch(() => undefined);
    if (this.run === null) await this.options.side.close();
  }

  positionOf(high: number, low: number): PostgresPosition {
    return { kind: 'postgres', parts: [{ connection: this.options.slot, lsn: formatLsn(high, low) }] };
  }

  status(): SourceStatus {
    const { link, parser } = this;
    return {
      position: parser === null ? null : formatLsn(parser.readHigh, parser.readLow),
      connected: link !== null,
      silentMs: performance.now() - (link?.stream.lastReceivedMs ?? this.lastReceivedMs),
      stalled: parser?.sinkIsFull ?? false,
      lagBytes: this.lagBytes(),
      lagTransactions: null,
      log: null,
      clockAheadMs: this.clockAheadMs,
      heldBytes: link?.health.heldBytes ?? null,
      spareBytes: link?.health.spareBytes ?? null,
      receivedBytes: this.earlierBytes + (link?.stream.receivedBytes ?? 0),
      transactions: parser?.transactions ?? 0,
      reconnects: this.reconnects.count,
    };
  }

  private get clockAheadMs(): number {
    return this.link?.health.clockAheadMs ?? this.earlierClockAheadMs;
  }

  private lagBytes(): number | null {
    const end = this.link?.health.serverEnd ?? null;
    if (end === null || this.parser === null) return null;
    return lsnDistance({ high: this.parser.readHigh, low: this.parser.readLow }, end);
  }

  /** @returns what ended it; null after `stop` */
  private async streamOnce(parser: PgoutputParser, opened: Session | null): Promise<MillraceError | null> {
    let side = opened;
    try {
      if (side === null) {
        side = await openSession({ settings: this.options.settings, kind: 'query', warn: this.warn });
        await this.options.recheck(side, this.positionOf(parser.readHigh, parser.readLow));
      }
      await this.catalog.attach(side.client);
      this.link = await this.connect(parser, side);
      if (this.reconnects.isStopping) await this.link.stream.stop();
      await this.link.stream.ended;
      return null;
    } catch (error) {
      return fromConnectionError(error, 'the source cannot connect');
    } finally {
      this.disconnect();
      await side?.close();
    }
  }

  private async connect(parser: PgoutputParser, side: Session): Promise<Link> {
    const { settings, events, slot, publication, frameBytesMax, watchMs } = this.options;
    const { session, walSenderTimeoutMs, isUnconverted } = await openReplication({ settings, warn: this.warn });
    parser.reconnect(isUnconverted);
    const probe = () => health.isWalSenderAlive();
    const stream = new ReplicationStream({
      session,
      parser,
      slot,
      publication,
      frameBytesMax,
      walSenderTimeoutMs,
      probe,
      events,
      flushed: this.flushed,
    });
    const onFailure = (error: MillraceError) => stream.fail(error);
    const watch = this.options.watch(side);
    const health = new Health({ side, walSenderPid: session.processId, watch, watchMs, clock: steadyClock, onFailure });
    stream.start({ high: parser.readHigh, low: parser.readLow });
    if (this.haltsAtOnce !== null) stream.halt(this.haltsAtOnce);
    return { stream, health };
  }

  private disconnect(): void {
    if (this.link === null) return;
    const { stream, health } = this.link;
    health.close();
    this.earlierClockAheadMs = this.clockAheadMs;
    this.earlierBytes += stream.receivedBytes;
    this.lastReceivedMs = stream.lastReceivedMs;
    if (stream.receivedBytes > 0) this.reconnects.haveStreamed();
    this.link = null;
  }

  private readonly warn = (message: string): void => this.options.events.warn('SOURCE_CONNECTION', message);
}

function hasRead({ readHigh, readLow }: PgoutputParser, lsn: Lsn): boolean {
  return compareLsn(readHigh, readLow, lsn.high, lsn.low) >= 0;
}
