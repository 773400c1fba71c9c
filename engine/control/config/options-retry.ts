import { optional, withDefault } from './option.ts';
import { duration, integer } from './parse.ts';

/** What is done about failures that may pass by themselves: restarts of the capture, and connections to the database made again. */
export const RETRY_OPTIONS = {
  retryAttempts: withDefault(integer(0, 1_000_000), '0', {
    name: 'RETRY_ATTEMPTS',
    aliases: ['REPLICATION_RECONNECTION_RETRIES'],
    group: 'State and restart',
    meaning:
      'Attempts in a row after a failure that may pass by itself; when the last one fails, the changefeed is `failed`. 0: without end. ' +
      'A minute of streaming begins the count anew.',
  }),
  retryBackoff: withDefault(duration('s', 10, 3_600_000), '500ms', {
    name: 'RETRY_BACKOFF',
    group: 'State and restart',
    meaning:
      'Pause before the first restart of the capture, a fifth of it before a lost connection to the database is made again; twice as long ' +
      'each time. Up to half of a pause is left out by chance.',
  }),
  retryBackoffMax: withDefault(duration('s', 10, 86_400_000), '30s', {
    name: 'RETRY_BACKOFF_MAX',
    group: 'State and restart',
    meaning: 'Longest of these pauses.',
  }),
  retryTimeout: optional(duration('s', 1000, 2_592_000_000), 'no limit', {
    name: 'RETRY_TIMEOUT',
    aliases: ['CHANGEFEED_ERROR_STUCK_DURATION'],
    group: 'State and restart',
    meaning: 'How long after the first failure in a row the attempts go on; then the changefeed is `failed`.',
  }),
} as const;
