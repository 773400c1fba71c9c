import type { RetryPolicy } from '../../base/retry.ts';
import type { PostgresPosition } from '../../change/position.ts';
import type { SourceEvents } from '../source.ts';
import type { QualifiedName } from './catalog-queries.ts';
import type { Session } from './connection.ts';
import type { SignalTable } from './signals.ts';
import type { ConnectionSettings } from './url.ts';
import type { TableVersions } from '../versions.ts';

/** What the stream needs to know and to ask. */
export interface PostgresSourceOptions {
  readonly settings: ConnectionSettings;
  /** An open ordinary session for the first connection; the source closes it. */
  readonly side: Session;
  readonly slot: string;
  readonly publication: string;
  readonly database: string;
  /** A row that takes more bytes than this in the stream ends it with `ROW_TOO_LARGE`: a quarter of the memory budget. */
  readonly frameBytesMax: number;
  /** Whether rows are wanted: a relation, then what it is a partition of, upwards. Null: nothing was said of any of them. */
  readonly selects: (lineage: readonly QualifiedName[]) => boolean | null;
  /** Null without one. */
  readonly signals: SignalTable | null;
  /** Where versions of tables get their numbers; a snapshot's are the same. */
  readonly versions: TableVersions;
  /** Looks, after a reconnect, whether this is still the server, slot and timeline that the position belongs to; throws when it is not. */
  readonly recheck: (side: Session, position: PostgresPosition) => Promise<void>;
  /** Looks every `watchMs` at what the stream does not tell of; throws when changes are being lost. */
  readonly watch: (side: Session) => () => Promise<void>;
  readonly watchMs: number;
  /** When a lost connection is made again, and when no more. */
  readonly retry: RetryPolicy;
  readonly events: SourceEvents;
}
