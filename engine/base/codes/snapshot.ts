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
} satisfies Record<string, CodeEntry>;
