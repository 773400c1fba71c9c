import { withDefault } from './option.ts';
import { choice, duration, text } from './parse.ts';

/** Where the checkpoint is kept, and how often it is stored. */
export const STATE_OPTIONS = {
  checkpointStore: withDefault(choice(['file', 'topic']), 'file', {
    name: 'CHECKPOINT_STORE',
    group: 'State and restart',
    meaning:
      'Where the checkpoint is kept: `file`, in MILLRACE_STATE_DIR; `topic`, in Kafka, so that another machine can go on. ' +
      '`millrace position move` takes it from one to the other.',
  }),
  checkpointTopic: withDefault(text('the name of a topic', /^[a-zA-Z0-9._-]{1,200}$/), 'millrace-checkpoints', {
    name: 'CHECKPOINT_TOPIC',
    group: 'State and restart',
    meaning:
      'The compacted topic of MILLRACE_CHECKPOINT_STORE=topic, shared by changefeeds of different names; created when it is missing.',
  }),
  checkpointInterval: withDefault(duration('s', 10, 60_000), '1s', {
    name: 'CHECKPOINT_INTERVAL',
    group: 'State and restart',
    meaning: 'Time between two stored checkpoints while rows flow: the most that a restart repeats.',
  }),
} as const;
