import type { SnapshotMode, SnapshotRecord } from '../../change/snapshot.ts';
import type { SourceEvents } from '../source.ts';
import { Catalog } from './catalog.ts';
import { openKeeper, openReader, type Keeper } from './copy/keeper.ts';
import { planCopies } from './copy/plan.ts';
import { PostgresSnapshot } from './copy/snapshot.ts';
import type { SelectedTable } from './selection.ts';
import type { ConnectionSettings } from './url.ts';
import type { TableVersions } from '../versions.ts';

/** What the options and the checkpoint say of a snapshot. */
export interface SnapshotRequest {
  readonly mode: SnapshotMode;
  /** What an earlier run left of it; null when it begins. */
  readonly stored: SnapshotRecord | null;
  readonly connections: number;
  readonly unitBytes: number;
  readonly lineBytesMax: number;
  /** Log that a slot may hold back meanwhile; null for no limit. */
  readonly walLimitBytes: number | null;
  /** At that limit the slot is dropped, not kept. */
  readonly walLimitDrops: boolean;
}

export interface SnapshotParts {
  readonly settings: ConnectionSettings;
  readonly tables: readonly SelectedTable[];
  readonly viaRoot: boolean;
  /** Null where none is asked for. */
  readonly publication: string | null;
  readonly slot: string;
  readonly versions: TableVersions;
  readonly events: SourceEvents;
}

/**
 * Plans what is read, under the keeper's snapshot.
 * @param keeper already open over a slot's own snapshot; null to take a new one
 * @returns null when an earlier run has read all of it
 */
export async function openSnapshot(
  request: SnapshotRequest,
  parts: SnapshotParts,
  keeper: Keeper | null,
): Promise<PostgresSnapshot | null> {
  const { settings, slot, publication, versions, events } = parts;
  const warn = (message: string) => events.warn('SOURCE_CONNECTION', message);
  const held = keeper ?? (await openKeeper({ settings, warn }, null));
  try {
    const { client } = held.session;
    const names = { slot, publication: publication ?? '', database: settings.database };
    const catalog = new Catalog({ ...names, versions, events, selects: () => true, onBound: () => undefined });
    const plan = await planCopies({
      client,
      mode: request.mode,
      tables: parts.tables,
      viaRoot: parts.viaRoot,
      publication,
      unitBytes: request.unitBytes,
      where: null,
      stored: request.stored,
      describe: (relation) => catalog.describeNow(client, relation),
      now: new Date().toISOString(),
    });
    if (plan.units.length === 0 && request.stored !== null && request.stored.finishedAt !== null) {
      await held.session.close();
      return null;
    }
    return new PostgresSnapshot({
      keeper: held,
      plan,
      openReader: () => openReader({ settings, warn }),
      connections: request.connections,
      unitBytes: request.unitBytes,
      lineBytesMax: request.lineBytesMax,
      slot: request.mode === 'FULL' ? null : { slot, limitBytes: request.walLimitBytes, drops: request.walLimitDrops },
    });
  } catch (error) {
    await held.session.close();
    throw error;
  }
}
