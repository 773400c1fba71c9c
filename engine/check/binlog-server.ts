import { sql, words } from '../base/remedy.ts';
import type { BinlogConfig } from '../control/config/config.ts';
import type { Session } from '../source/mysql/connection.ts';
import { readLogFiles } from '../source/mysql/identity.ts';
import { bytesBehind } from '../source/mysql/log-files.ts';
import { replicaNameOf } from '../source/mysql/open.ts';
import type { Inspection } from '../source/mysql/inspection.ts';
import { logPositionIn } from '../source/mysql/log-position.ts';
import { isRecord, type StoredCheckpoint } from './checkpoint-step.ts';
import { tell } from './findings.ts';
import type { SourceStep } from './step-names.ts';
import type { Steps } from './steps.ts';
import { DAY_SECONDS, bytesText, timeText } from './text.ts';

type SourceSteps = Steps<SourceStep>;

/** What the server is, what the account may, and what the log holds. */
export function tellBinlogServer(found: Inspection, config: BinlogConfig, steps: SourceSteps): void {
  const { server, problems } = found;
  const has = (code: string) => problems.some((problem) => problem.code === code);
  tell('version', found, `${server.flavor === 'mariadb' ? 'MariaDB' : 'MySQL'} ${server.version}`, steps);
  if (has('SERVER_VERSION')) return;
  const may =
    found.privileges === null ? 'the account has roles: what they let it do is not looked at' : 'may read the log and see where it ends';
  tell('privileges', found, may, steps);
  tell('log_bin', found, 'ON', steps);
  if (has('BINLOG_OFF')) return;
  tell('binlog_format', found, server.binlogFormat, steps);
  tell('binlog_row_image', found, server.rowImage, steps);
  tell('binlog_row_metadata', found, server.rowMetadata, steps);
  tell('binlog_row_value_options', found, server.flavor === 'mariadb' ? 'MariaDB has none' : server.rowValueOptions || 'none', steps);
  tell('binlog_checksum', found, server.checksum, steps);
  tell('log_replica_updates', found, server.logsReplicated ? 'ON' : 'OFF, and nothing is replicated to this server', steps);
  tell('gtid_mode', found, server.flavor === 'mariadb' ? 'MariaDB always has GTIDs' : server.gtidMode, steps);
  tellServerId(found, config, steps);
}

function tellServerId(found: Inspection, { changefeed, source }: BinlogConfig, steps: SourceSteps): void {
  const { problems, replicas } = found;
  if (problems.some(({ code }) => code === 'BINLOG_PRIVILEGE')) return steps.skip('server_id', 'privileges failed');
  const own = replicaNameOf(changefeed);
  const isOwn = problems.some(({ code, details }) => code === 'SERVER_ID_TAKEN' && details['replica'] === own);
  if (isOwn) return steps.pass('server_id', `${source.serverId} is that of ${own}: is the changefeed running?`);
  if (replicas === null && !problems.some(({ code }) => code === 'SERVER_ID_TAKEN')) {
    return steps.skip(
      'server_id',
      `${source.serverId}; the server does not show this account its replicas, whose numbers it must not have`,
    );
  }
  tell('server_id', found, `${source.serverId} is free`, steps);
}

export interface RetentionRequest {
  readonly found: Inspection;
  readonly stored: StoredCheckpoint;
  /** Our clock: milliseconds since 1970. */
  readonly now: number;
}

/** Of the time for which the log is kept: who has stood still for longer is warned. */
const SHARE_MAX = 0.5;

/** For how long the server keeps its log, against how far behind the stored position is. */
export async function tellRetention(session: Session, { found, stored, now }: RetentionRequest, steps: SourceSteps): Promise<void> {
  const { expireSeconds } = found.server;
  const kept = expireSeconds === 0 ? 'files are kept until somebody purges them' : `files are kept for ${timeText(expireSeconds)}`;
  if (found.problems.some(({ code }) => code === 'BINLOG_PRIVILEGE')) return steps.skip('retention', `${kept}; privileges failed`);
  if (found.problems.some(({ code }) => code === 'BINLOG_PURGED')) return tell('retention', found, '', steps);
  if (isRecord(stored) && stored.source.kind === 'binlog' && stored.position !== null) {
    const { file, offset } = logPositionIn(stored.position);
    const bytes = bytesBehind(await readLogFiles(session), file, offset);
    const ageSeconds = Math.max(0, (now - Date.parse(stored.writtenAt)) / 1000);
    const behind = bytes === null ? '' : `, ${bytesText(bytes)} behind the end`;
    const seen = `${kept}; the position was stored ${timeText(ageSeconds)} ago${behind}`;
    if (expireSeconds > 0 && ageSeconds > expireSeconds * SHARE_MAX) return steps.warn('retention', seen, [longer(expireSeconds)]);
    if (expireSeconds === 0 || expireSeconds >= DAY_SECONDS) return steps.pass('retention', seen);
  }
  if (expireSeconds === 0 || expireSeconds >= DAY_SECONDS) return steps.pass('retention', kept);
  steps.warn('retention', `${kept}: a stop that lasts longer loses changes`, [
    longer(expireSeconds),
    words('and keep it in the configuration'),
  ]);
}

function longer(expireSeconds: number) {
  return sql(`SET GLOBAL binlog_expire_logs_seconds = ${Math.max(7 * DAY_SECONDS, expireSeconds * 2)};`);
}
