import type { Fields } from './fields.ts';

/** Names a transaction in all servers of a replication. */
export type LogGtid =
  | { readonly flavor: 'mariadb'; readonly domain: number; readonly serverId: number; readonly sequence: bigint }
  | { readonly flavor: 'mysql'; readonly uuid: string; readonly number: bigint };

/** What a GTID event says of the group of events that it begins. */
export interface GroupStart {
  /** Null for a MySQL transaction without a GTID. */
  readonly gtid: LogGtid | null;
  /** One statement, and no commit after it. */
  readonly isStandalone: boolean;
  /** Its rows are prepared, and decided in a later group. */
  readonly isXaPrepare: boolean;
  /** Commit time in microseconds since 1970; null when it is that of the last event. */
  readonly commitMicros: number | null;
  /** Session that made it; 0 when the event does not tell. */
  readonly threadId: number;
}

/** Flags of MariaDB's GTID events. */
const Flag = { standalone: 0x01, groupCommit: 0x02, xaPrepare: 0x40, xaCompleted: 0x80 } as const;
const ExtraFlag = { engines: 0x01, startAlter: 0x02, commitAlter: 0x04, rollbackAlter: 0x08, threadId: 0x10 } as const;

/** `domain-server-sequence`, or `uuid:number`. */
export function formatGtid(gtid: LogGtid): string {
  return gtid.flavor === 'mariadb' ? `${gtid.domain}-${gtid.serverId}-${gtid.sequence}` : `${gtid.uuid}:${gtid.number}`;
}

/**
 * Reads the body of a MariaDB GTID event.
 * @throws MillraceError `BINLOG_EVENT_INVALID`
 */
export function parseMariadbGtid(fields: Fields, serverId: number): GroupStart {
  const sequence = fields.u64();
  const domain = fields.u32();
  const flags = fields.u8();
  return {
    gtid: { flavor: 'mariadb', domain, serverId, sequence },
    isStandalone: (flags & Flag.standalone) !== 0,
    isXaPrepare: (flags & Flag.xaPrepare) !== 0,
    commitMicros: null,
    threadId: mariadbThread(fields, flags),
  };
}

/** The session, which MariaDB 11.5 and later write behind what depends on flags. */
function mariadbThread(fields: Fields, flags: number): number {
  if ((flags & Flag.groupCommit) !== 0) fields.skip(8);
  else if ((flags & (Flag.xaPrepare | Flag.xaCompleted)) === 0) fields.skip(Math.min(6, fields.left));
  if ((flags & (Flag.xaPrepare | Flag.xaCompleted)) !== 0) {
    fields.skip(4);
    const global = fields.u8();
    fields.skip(global + fields.u8());
  }
  if (fields.left === 0) return 0;
  const extra = fields.u8();
  if ((extra & ExtraFlag.engines) !== 0) fields.u8();
  if ((extra & (ExtraFlag.commitAlter | ExtraFlag.rollbackAlter)) !== 0) fields.skip(8);
  return (extra & ExtraFlag.threadId) !== 0 && fields.left >= 4 ? fields.u32() : 0;
}

/**
 * Reads the body of a MySQL GTID or ANONYMOUS_GTID event.
 * @throws MillraceError `BINLOG_EVENT_INVALID`
 */
export function parseMysqlGtid(fields: Fields, isAnonymous: boolean): GroupStart {
  fields.u8();
  const hex = Buffer.from(fields.slice(16)).toString('hex');
  const number = fields.u64();
  // A mark of what follows, last_committed, sequence_number.
  fields.skip(1 + 8 + 8);
  // 55 bits; the highest says that another time follows.
  const commitMicros = fields.left >= 7 ? fields.u48() + (fields.u8() & 0x7f) * 2 ** 48 : null;
  const uuid = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  const gtid = isAnonymous ? null : ({ flavor: 'mysql', uuid, number } as const);
  return { gtid, isStandalone: false, isXaPrepare: false, commitMicros, threadId: 0 };
}
