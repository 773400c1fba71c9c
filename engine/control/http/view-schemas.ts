import { BOOLEAN, COUNT, NUMBER, NUMBER_OR_NULL, STATE, TEXT, TEXT_OR_NULL, listOf, object } from './schemas.ts';

const COUNT_OR_NULL = { type: ['integer', 'null'], minimum: 0 } as const;
const TIME_OR_NULL = { type: ['string', 'null'], format: 'date-time' } as const;

const LAG = {
  lag_seconds: NUMBER_OR_NULL,
  lag_bytes: NUMBER_OR_NULL,
  lag_transactions: { ...NUMBER_OR_NULL, description: 'By GTIDs; null where there are none.' },
};

/** Of a place in the log of MariaDB or MySQL. */
const LOG_PLACE = {
  file: { ...TEXT, description: 'mysql-bin.000123' },
  offset: COUNT,
  gtid: { ...TEXT_OR_NULL, description: 'GTIDs up to there; null where transactions have none.' },
};

const POSITION = { ...TEXT_OR_NULL, description: "What was read up to, in the source's own notation." };

const JOB_COLUMNS = {
  job_id: TEXT,
  job_name: TEXT,
  source_instance: { ...TEXT, description: 'host:port/database' },
  target_kafka_cluster: { ...TEXT_OR_NULL, description: 'The cluster id; null until a broker has told it.' },
  target_type: { const: 'kafka' },
  sync_mode: { type: 'string', enum: ['FULL', 'INCREMENTAL', 'FULL + INCREMENTAL'] },
  status: STATE,
  records_exported: {
    ...COUNT_OR_NULL,
    description: 'Rows acknowledged since the changefeed was created; null until its checkpoint was read.',
  },
  last_export_time: { ...TIME_OR_NULL, description: 'The last acknowledgement that this service has seen.' },
  error_message: TEXT_OR_NULL,
};

const LAG_COLUMNS = {
  position: POSITION,
  ...LAG,
  log_file: { ...TEXT_OR_NULL, description: 'File of the binary log that is read; null for PostgreSQL.' },
  log_offset: { ...COUNT_OR_NULL, description: 'Offset in it up to which was read.' },
  gtid: { ...TEXT_OR_NULL, description: LOG_PLACE.gtid.description },
};

/** The columns of a lag are there with `?lag=true` alone. */
export const JOB = {
  ...object('One changefeed, as an export job.', JOB_COLUMNS),
  properties: { ...JOB_COLUMNS, ...LAG_COLUMNS },
};

export const PARTITION = object('One partition of a topic.', {
  topic: TEXT,
  partition: COUNT,
  current_offset: { ...COUNT, description: 'Last acknowledged offset + 1; 0 before the first.' },
  lag: { ...COUNT, description: 'Rows that were read for it and are not acknowledged.' },
  throughput_per_sec: { ...NUMBER, description: 'Messages acknowledged each second, over the last ten.' },
});

const PAST_ERROR = { at: { type: 'string', format: 'date-time' }, code: TEXT, message: TEXT, advice: TEXT };

const SNAPSHOT = {
  percent: NUMBER,
  rows: COUNT,
  rows_per_sec: NUMBER,
  seconds_left: NUMBER_OR_NULL,
  held_bytes: NUMBER_OR_NULL,
  tables: listOf(object('A table.', { table: TEXT, rows: COUNT, percent: NUMBER })),
};

export const READ = object('A table that is read beside the stream, or was.', {
  id: TEXT,
  table: { ...TEXT, description: 'schema.table' },
  where: { ...TEXT_OR_NULL, description: 'Only rows for which it holds; null for all.' },
  comment: { ...TEXT_OR_NULL, description: 'Why, in the words of who ordered it.' },
  state: { type: 'string', enum: ['waiting', 'reading', 'done', 'cancelled', 'failed'] },
  percent: { ...NUMBER, description: 'Of its chunks.' },
  rows: { ...COUNT, description: 'Acknowledged and recorded.' },
  expected_rows: { ...COUNT, description: "The server's estimate for the whole table; 0 where it has none." },
  chunks_done: COUNT,
  chunks: COUNT,
  error: {
    ...object('Why it failed; null in every other state.', { code: TEXT, message: TEXT }),
    type: ['object', 'null'],
  },
});

export const CHANGEFEED = object('A changefeed. What is not known at the moment is null.', {
  id: TEXT,
  state: STATE,
  phase: { type: 'string', enum: ['starting', 'streaming', 'waiting', 'draining', 'paused', 'ended'] },
  ready: BOOLEAN,
  reason: TEXT_OR_NULL,
  activity: TEXT_OR_NULL,
  sync_mode: TEXT,
  source: TEXT,
  source_version: TEXT_OR_NULL,
  tables: listOf(TEXT),
  topic: TEXT,
  kafka_cluster: TEXT_OR_NULL,
  position: POSITION,
  checkpoint: object('What is stored: a restart goes on from here.', { position: TEXT_OR_NULL, age_seconds: NUMBER_OR_NULL }),
  ...LAG,
  log: {
    ...object('Up to where the log of MariaDB or MySQL was read, and what the server keeps of it; null for PostgreSQL.', {
      ...LOG_PLACE,
      kept_bytes: { ...NUMBER_OR_NULL, description: 'Of all files of the log.' },
      expire_seconds: { ...NUMBER_OR_NULL, description: 'Age at which the server removes files of it; 0 for never.' },
    }),
    type: ['object', 'null'],
  },
  oldest_unacknowledged: { ...TIME_OR_NULL, description: 'Commit time of the oldest transaction that is not acknowledged.' },
  throughput: object('What was acknowledged each second, over the last ten.', { messages_per_sec: NUMBER, bytes_per_sec: NUMBER }),
  in_flight: COUNT_OR_NULL,
  records_exported: COUNT_OR_NULL,
  last_export_time: TIME_OR_NULL,
  slot: {
    ...object('What the server keeps for it; null for a source without slots.', {
      name: TEXT,
      held_bytes: NUMBER_OR_NULL,
      spare_bytes: NUMBER_OR_NULL,
    }),
    type: ['object', 'null'],
  },
  snapshot: { ...object('How far the tables are read; null when none is.', SNAPSHOT), type: ['object', 'null'] },
  reads: listOf(READ),
  restarts: COUNT,
  last_error: { ...object('What ended a capture last; null when nothing did.', PAST_ERROR), type: ['object', 'null'] },
  errors: listOf(object('What ended a capture, the latest first.', PAST_ERROR)),
});

export const HISTORY = listOf(
  object('About one second.', {
    at: { ...NUMBER, description: 'Milliseconds since 1970.' },
    messages_per_sec: NUMBER,
    bytes_per_sec: NUMBER,
    lag_seconds: NUMBER,
  }),
);
