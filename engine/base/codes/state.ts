import type { CodeEntry } from '../codes.ts';

export const STATE_CODES = {
  STATE_CORRUPT: {
    action: 'halt',
    summary:
      'Both copies of the checkpoint, or all records of it in its topic, are damaged or were edited by hand, so that no position can be trusted.',
    advice:
      'Put back a copy of the state directory if it was there, or give up the position with `millrace position reset`: the stream then starts where the slot stands, ' +
      'and rows that were delivered and not yet confirmed to the server are sent again.',
  },
  STATE_VERSION: {
    action: 'halt',
    summary: 'The checkpoint was written by a newer Millrace in a form that this one does not know.',
    advice: 'Run the newer version again, or give up the position with `millrace position reset`.',
  },
  STATE_FOREIGN: {
    action: 'halt',
    summary: 'The checkpoint in the state directory belongs to another changefeed.',
    advice: 'Give each changefeed a state directory of its own (`MILLRACE_STATE_DIR`), or put the right files back.',
  },
  SYNC_MODE_CHANGED: {
    action: 'halt',
    summary: '`MILLRACE_SYNC_MODE` does not fit what the checkpoint holds: a snapshot that is not finished, or the position of a stream.',
    advice:
      'Set the mode back, give the other mode a changefeed of its own (`MILLRACE_CHANGEFEED`), or start anew with `millrace position reset`.',
  },
  STATE_LOCKED: {
    action: 'retry',
    summary: 'Another process owns the checkpoint: a changefeed runs once at a time.',
    advice:
      'Stop the other process, whose pid the message gives, and its host where the checkpoint is in a topic. ' +
      'If it is ending by itself, the next attempt succeeds; a process that stands by for another one waits so.',
  },
  STATE_FENCED: {
    action: 'retry',
    summary: 'Another process took over the checkpoint in the topic, or may have while this one stood still: the older owner ends.',
    advice:
      'Nothing is lost, and nothing was confirmed by the older owner. Where two processes are not meant to stand by for one another, stop one of ' +
      'them; else look for what held this one up (SIGSTOP, a paused machine, no connection to Kafka).',
  },
  STATE_ELSEWHERE: {
    action: 'halt',
    summary: 'MILLRACE_CHECKPOINT_STORE names one place, and the checkpoint lies in the other.',
    advice: 'Take it there with `millrace position move`, or set the option back.',
  },
  CHECKPOINT_TOPIC_UNFIT: {
    action: 'halt',
    summary:
      'The topic of the checkpoint would lose it, or cannot hold it: it is not compacted, has several partitions, or takes too little.',
    advice: 'Run the command in the message, or name another topic in MILLRACE_CHECKPOINT_TOPIC.',
  },
  SOURCE_KIND_CHANGED: {
    action: 'halt',
    summary: 'The checkpoint is of a changefeed of one kind of database, and MILLRACE_SOURCE_URL names another.',
    advice: 'Set the URL back, use another MILLRACE_CHANGEFEED, or give up the position with `millrace position reset`.',
  },
  STATE_DIRECTORY_MISSING: {
    action: 'halt',
    summary: 'The state directory, or the directory in which it would be created, does not exist.',
    advice: 'Create it, mount its volume, or set `MILLRACE_STATE_DIR` to another place.',
  },
  STATE_PERMISSION: {
    action: 'halt',
    summary: 'The process may not read or write the state directory: its owner or mode differs, or the file system is read-only.',
    advice: 'Give the directory to the user that runs Millrace (`chown -R`), or mount the volume writable.',
  },
  STATE_DISK_FULL: {
    action: 'retry',
    summary: 'No room is left for the checkpoint. The stored one is intact and nothing after it was confirmed to the server.',
    advice: 'Free space, inodes or quota on the file system of the state directory; the changefeed then goes on by itself.',
  },
  STATE_IO: {
    action: 'retry',
    summary: 'The file system failed while the checkpoint was read or written. The stored one is intact.',
    advice: 'Look at the error in the message and at the kernel log; the changefeed tries again by itself.',
  },
} satisfies Record<string, CodeEntry>;
