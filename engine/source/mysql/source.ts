import { assert } from '../../base/assert.ts';
import type { MillraceError } from '../../base/errors.ts';
import { steadyClock } from '../../base/steady-clock.ts';
import { positionText, type Position } from '../../change/position.ts';
import type { RowSink } from '../../change/row-sink.ts';
import { withDeadline } from '../deadline.ts';
import { Reconnects } from '../reconnects.ts';
import type { LogStatus, Source, SourceStatus } from '../source.ts';
import { FarPlace, OFFSET_MAX } from './binlog/far-place.ts';
import type { BinlogParser } from './binlog/parser.ts';
import { fromConnectionError } from './connection-error.ts';
import { openSession, type Session } from './connection.ts';
import { Health } from './health.ts';
import type { ServerIdentity } from './identity.ts';
import { requireSameServer } from './inspection.ts';
import { logPositionIn, positionOf } from './log-position.ts';
import type { MysqlSourceOptions } from './options.ts';
import { connectState, openReplication } from './replication-session.ts';
import { isMendedByReconnect } from './server-error.ts';
import { ReplicationStream } from './stream.ts';
import { fileNumberOf, parseGtidState, Trail, type LogPosition } from './trail.ts';

/** Heartbeats within the time after which the stream is taken for dead: two may be late. */
const HEARTBEAT_SHARE = 1 / 3;
/** A place without rows, such as a heartbeat's, is told after this long at the latest. */
const IDLE_MS = 100;
/** Before the log says itself how its events are: as it was asked for them. */
const HAS_CHECKSUM = true;
/** For the server to end a stream that we no longer read. */
const KILL_MS = 1_000;
/** How often it is looked whether the sink has taken what was decided before the connection was lost. */
const DRAIN_LOOK_MS = 20;

/** What belongs to one pair of connections. */
interface Link {
  readonly stream: ReplicationStream;
  /** The server's number for its connection. */
  readonly streamId: number;
  readonly side: Session;
  readonly health: Health;
}

/**
 * MariaDB and MySQL as a source: one connection that the binlog comes from, one ordinary connection for health, both opened anew when
 * either is lost. What is known of the stream (parser, trail) outlives them.
 */
export class MysqlSource implements Source {
  private readonly options: MysqlSourceOptions;
  private readonly reconnects: Reconnects;
  private server: ServerIdentity;
  private parser: BinlogParser | null = null;
  private trail: Trail | null = null;
  private link: Link | null = null;
  private run: Promise<void> | null = null;
  private idleTimer: NodeJS.Timeout | undefined = undefined;
  /** How `halt` was last called; null before. */
  private haltsAtOnce: boolean | null = null;
  /** Of earlier connections. */
  private earlierBytes = 0;
  private lastReceivedMs = performance.now();
  private earlierClockAheadMs = 0;

  constructor(options: MysqlSourceOptions) {
    this.options = options;
    this.server = options.server;
    this.reconnects = new Reconnects({ retry: options.retry, events: options.events, isMended: isMendedByReconnect });
  }

  stream(from: Position, sink: RowSink): Promise<void> {
    assert(this.run === null, 'a source streams once');
    const start = logPositionIn(from);
    const trail = new Trail(start);
    const parser = this.options.openParser(sink, (gtid) => trail.committed(gtid));
    if (start.file !== '') parser.startAt(start.file, start.offset);
    this.trail = trail;
    this.parser = parser;
    this.idleTimer = setInterval(() => this.reportIdle(), IDLE_MS);
    this.run = this.reconnects
      .run((isFirst) => this.streamOnce(parser, trail, isFirst ? this.options.side : null))
      .finally(() => {
        clearInterval(this.idleTimer);
        parser.close();
      });
    return this.run;
  }

  resume(): void {
    // Between connections `drain` looks by itself.
    this.link?.stream.resume();
  }

  ack(position: Position): void {
    this.trail?.acknowledge(logPositionIn(position));
  }

  halt(atOnce: boolean): void {
    this.haltsAtOnce = atOnce;
    this.link?.stream.halt(atOnce);
    // What follows the last commit in the same read has no place of its own: with it, the end is told exactly.
    if (this.link?.stream.hasHalted === true) this.reportIdle();
  }

  get hasHalted(): boolean {
    return this.haltsAtOnce !== null && (this.link === null || this.link.stream.hasHalted);
  }

  async stop(): Promise<void> {
    this.reconnects.stop();
    if (this.link !== null) await endLink(this.link);
    // What it fails with is for whoever awaits `stream`.
    await this.run?.catch(() => undefined);
    if (this.run === null) await this.options.side.close();
  }

  positionOf(high: number, low: number): Position {
    assert(this.trail !== null, 'positions are asked of a source that streams');
    return positionOf(this.trail.positionOf(high, low));
  }

  status(): SourceStatus {
    const { link, parser, trail } = this;
    const end = trail?.end ?? null;
    return {
      position: end === null ? null : positionText(positionOf(end)),
      connected: link !== null,
      silentMs: performance.now() - (link?.stream.lastReceivedMs ?? this.lastReceivedMs),
      stalled: parser?.sinkIsFull ?? false,
      lagBytes: end === null ? null : (link?.health.bytesBehind(end.file, end.offset) ?? null),
      lagTransactions: end === null ? null : (link?.health.transactionsBehind(end) ?? null),
      log: end === null || end.file === '' ? null : { ...logStatusAt(end), ...keptBy(link?.health ?? null) },
      clockAheadMs: this.clockAheadMs,
      // The server keeps its log for nobody's sake: for as long as it is told to.
      heldBytes: null,
      spareBytes: null,
      receivedBytes: this.earlierBytes + (link?.stream.receivedBytes ?? 0),
      transactions: parser?.transactionCount ?? 0,
      reconnects: this.reconnects.count,
    };
  }

  private get clockAheadMs(): number {
    return this.link?.health.clockAheadMs ?? this.earlierClockAheadMs;
  }

  /** @returns what ended it; null after `stop` */
  private async streamOnce(parser: BinlogParser, trail: Trail, opened: Session | null): Promise<MillraceError | null> {
    let side = opened;
    try {
      if (side === null) {
        side = await openSession(this.options.settings);
        this.server = await this.options.recheck(side, trail.end);
      }
      parser.reconnect(HAS_CHECKSUM);
      await this.drain(parser);
      this.link = await this.connect(parser, trail, side);
      if (this.reconnects.isStopping) this.link.stream.stop();
      await this.link.stream.ended;
      return null;
    } catch (error) {
      return fromConnectionError(error, 'the source cannot connect');
    } finally {
      // What was read before the connection broke in the middle of a read.
      trail.mark(parser.file, parser.offset);
      this.disconnect();
      await side?.close();
    }
  }

  /** What was decided before the connection was lost goes to the sink before anything else is read. */
  private async drain(parser: BinlogParser): Promise<void> {
    while (!parser.resume() && !this.reconnects.isStopping) {
      parser.flush();
      await this.reconnects.pause(DRAIN_LOOK_MS);
    }
    parser.flush();
  }

  private async connect(parser: BinlogParser, trail: Trail, side: Session): Promise<Link> {
    const { settings, serverId, replicaName, exactPlaces, eventBytesMax } = this.options;
    const heartbeatMs = Math.round(settings.timeoutMs * HEARTBEAT_SHARE);
    const session = await openReplication({ settings, flavor: this.server.flavor, serverId, heartbeatMs });
    const from = trail.end;
    try {
      // Behind one address may stand several servers, and the other connection leads to another one of them.
      await requireSameServer(session, this.server);
      await connectState(session, from);
    } catch (error) {
      await session.close();
      throw error;
    }
    const stream = new ReplicationStream({
      session,
      parser,
      serverId,
      account: this.server.account,
      replicaName,
      exactPlaces,
      eventBytesMax,
      silenceMs: settings.timeoutMs,
      afterRead: () => trail.mark(parser.file, parser.offset),
    });
    const onFailure = (error: MillraceError) => stream.fail(error);
    const health = new Health({ side, server: this.server, clock: steadyClock, onFailure });
    if (from.offset > OFFSET_MAX) parser.goOnAt(new FarPlace(from.file, from.offset, parseGtidState(from).isEmpty));
    stream.start(from);
    if (this.haltsAtOnce !== null) stream.halt(this.haltsAtOnce);
    return { stream, streamId: session.connectionId, side, health };
  }

  /** Not of places that are passed again: a dump by GTID begins at the beginning of a file. */
  private reportIdle(): void {
    const { parser, trail, link } = this;
    if (parser === null || trail === null || link === null || !link.stream.hasStreamed) return;
    const { file, offset } = trail.end;
    if (parser.file === file && parser.offset === offset) parser.reportIdle();
  }

  private disconnect(): void {
    if (this.link === null) return;
    const { stream, health } = this.link;
    health.close();
    this.earlierClockAheadMs = this.clockAheadMs;
    this.earlierBytes += stream.receivedBytes;
    this.lastReceivedMs = stream.lastReceivedMs;
    if (stream.hasStreamed) this.reconnects.haveStreamed();
    this.link = null;
  }
}

function logStatusAt({ file, offset, gtid }: LogPosition): Omit<LogStatus, 'keptBytes' | 'expireSeconds'> {
  return { file, fileNumber: fileNumberOf(file), offset, gtid };
}

function keptBy(health: Health | null): Pick<LogStatus, 'keptBytes' | 'expireSeconds'> {
  return { keptBytes: health?.keptBytes ?? null, expireSeconds: health?.expireSeconds ?? null };
}

/**
 * Ends a stream for good. By itself the server would notice that when it next sends something, and until then take the replica for one that
 * is there.
 */
async function endLink({ stream, streamId, side, health }: Link): Promise<void> {
  health.close();
  const killed = withDeadline(side.query(`KILL ${streamId}`), KILL_MS, 'the side connection').catch(() => undefined);
  stream.stop();
  await killed;
}
