import { API_CODES } from './codes/api.ts';
import { BINLOG_CODES } from './codes/binlog.ts';
import { CONFIG_CODES } from './codes/config.ts';
import { DELIVERY_CODES } from './codes/delivery.ts';
import { KAFKA_SECURITY_CODES } from './codes/kafka-security.ts';
import { MYSQL_CODES } from './codes/mysql.ts';
import { POSTGRES_CODES } from './codes/postgres.ts';
import { PROCESS_CODES } from './codes/process.ts';
import { ROW_CODES } from './codes/rows.ts';
import { SNAPSHOT_CODES } from './codes/snapshot.ts';
import { STATE_CODES } from './codes/state.ts';
import { TOPIC_CODES } from './codes/topics.ts';

/**
 * What the supervisor does when a changefeed ends with this code.
 * - `retry`: restart the capture from its checkpoint, with back-off; nothing has to be done by hand.
 * - `halt`: the changefeed is `failed` until someone acts; a restart would meet the same error.
 * - `halt-at-start`: as `halt` until rows have flowed, then `retry`: what worked, such as a permission, can come back.
 * - `fix-config`: nothing was started; the process exits with code 2.
 * - `warn`: nothing ends; it is told, and counted.
 * - `refuse`: a request to the service was not granted; the changefeed goes on as it was.
 */
export type Action = 'retry' | 'halt' | 'halt-at-start' | 'fix-config' | 'warn' | 'refuse';

/** One entry of the error reference (`docs/errors.md` is generated from these). */
export interface CodeEntry {
  readonly action: Action;
  /** When it happens, one sentence. */
  readonly summary: string;
  /** What to do, one or two sentences, with the command where there is one. */
  readonly advice: string;
}

/** Every code, grouped by the part of the engine that raises it. */
export const CODE_GROUPS = {
  Configuration: CONFIG_CODES,
  PostgreSQL: POSTGRES_CODES,
  'MariaDB and MySQL servers': MYSQL_CODES,
  'MariaDB and MySQL logs': BINLOG_CODES,
  'Reading tables': SNAPSHOT_CODES,
  'Rows and values': ROW_CODES,
  'Kafka login, TLS and permissions': KAFKA_SECURITY_CODES,
  'Kafka topics and memory': TOPIC_CODES,
  'Kafka delivery': DELIVERY_CODES,
  'State and checkpoints': STATE_CODES,
  Process: PROCESS_CODES,
  'Requests to the service': API_CODES,
} as const;

/** Every code with its entry. */
export const CODES = {
  ...CONFIG_CODES,
  ...POSTGRES_CODES,
  ...MYSQL_CODES,
  ...BINLOG_CODES,
  ...SNAPSHOT_CODES,
  ...ROW_CODES,
  ...KAFKA_SECURITY_CODES,
  ...TOPIC_CODES,
  ...DELIVERY_CODES,
  ...STATE_CODES,
  ...PROCESS_CODES,
  ...API_CODES,
} satisfies Record<string, CodeEntry>;

export type Code = keyof typeof CODES;
