import type { CodeEntry } from '../codes.ts';

export const SNAPSHOT_CODES = {
  TABLE_PRIVILEGE: {
    action: 'halt',
    summary: 'The role may not read a table, or a row security policy would hide rows of it.',
    advice: 'Run `GRANT SELECT` on it for the role; where policies apply, `ALTER ROLE ... BYPASSRLS`.',
  },
  SNAPSHOT_OUTDATED: {
    action: 'retry',
    summary: 'A table was truncated, rewritten or replaced between the snapshot and its reading, so that the snapshot shows nothing of it.',
    advice: 'The capture restarts and reads what is left under a new snapshot. Avoid TRUNCATE and ALTER TABLE on the tables meanwhile.',
  },
  SNAPSHOT_CANCELLED: {
    action: 'retry',
    summary: 'A standby ended a session that was reading tables, because its primary removed rows which that session could still see.',
    advice:
      'The capture restarts and reads what is left under a new snapshot. Set `hot_standby_feedback = on` on the standby, or raise its `max_standby_streaming_delay`.',
  },
  SNAPSHOT_WAL_LIMIT: {
    action: 'halt',
    summary: 'While tables were read, the slot held back more log than `MILLRACE_SNAPSHOT_WAL_LIMIT` allows.',
    advice:
      'Raise the limit and start again: what is done is not read again. If the slot was dropped (`MILLRACE_SNAPSHOT_WAL_ACTION=drop`), `millrace position reset` begins anew.',
  },
  SNAPSHOT_REFUSED: {
    action: 'retry',
    summary: 'The server did not read a table to its end.',
    advice: "The message holds the server's words. The capture restarts and reads again what was not finished.",
  },
  COPY_MALFORMED: {
    action: 'retry',
    summary: 'The server sent bytes for a row of a table that are not the text form of COPY.',
    advice:
      'The capture restarts and reads again what was not finished. If it comes again, a proxy may be damaging the data; else please report it with the log.',
  },
  READ_TABLE_UNKNOWN: {
    action: 'refuse',
    summary: 'A table was to be read beside the stream that `MILLRACE_TABLES` does not select.',
    advice: 'The message lists those that it does. Name one as `schema.table`, as the catalogue spells it.',
  },
  READ_TABLE_GONE: {
    action: 'refuse',
    summary: 'A table was dropped, renamed, made again or taken out of the selection while it was read beside the stream.',
    advice: 'The stream goes on. A table that matches `MILLRACE_TABLES` under a new name is read by itself; else order it again.',
  },
  READ_TABLE_UNPUBLISHED: {
    action: 'refuse',
    summary: 'The publication does not send the changes of a table that was to be read beside the stream.',
    advice: 'Add it to the publication and order it again.',
  },
  READ_TABLE_UNKEYED: {
    action: 'refuse',
    summary: 'A table without a key cannot be read beside the stream.',
    advice: 'Add a primary key. Else restart the changefeed: a table that is new to it is read before the stream goes on.',
  },
  READ_ROWS_MOVED: {
    action: 'refuse',
    summary: 'While a table was read beside the stream, too many of its rows got another key in updates that leave long values out.',
    advice: 'Order it again when such updates are over, or set `REPLICA IDENTITY FULL` for the table.',
  },
  READ_ID_KNOWN: {
    action: 'warn',
    summary: 'An order to read a table has the id of another read that is listed: nothing is read for it.',
    advice: 'Order it again under an id of its own: `millrace snapshot list` shows those that are taken.',
  },
  READ_OVERTAKEN: {
    action: 'refuse',
    summary: 'A table that was read beside the stream changes faster than even a small part of it can be read.',
    advice: 'The stream goes on. Order the table again when fewer of its rows change at a time, or read a part of it with `--where`.',
  },
  READ_FILTER_INVALID: {
    action: 'refuse',
    summary: 'The condition for the rows that are to be read is no SQL expression of type boolean.',
    advice: "Give what could stand behind WHERE, such as `id > 1000`. The message holds the server's words.",
  },
} satisfies Record<string, CodeEntry>;
