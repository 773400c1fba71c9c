import type { CodeEntry } from '../codes.ts';

export const PROCESS_CODES = {
  INTERNAL: {
    action: 'retry',
    summary: 'The program met a state that it holds to be impossible: a defect in Millrace.',
    advice:
      'The capture restarts from its checkpoint. Please report it with the log; nothing after the checkpoint was acknowledged to the source.',
  },
  ENCODER_DIED: {
    action: 'retry',
    summary: 'An encoder thread ended without an error of its own: out of memory, killed, or it could not be started.',
    advice:
      'The capture restarts from its checkpoint. If it happens again, look at the memory of the machine or container and report the log.',
  },
  STOPPED: {
    action: 'retry',
    summary: 'Something was still waiting for the encoders when the changefeed was told to stop.',
    advice: 'Nothing has to be done: what was not delivered is sent again by the next start.',
  },
  CAPTURE_DIED: {
    action: 'retry',
    summary: 'The capture process ended without telling why: killed, out of memory, or crashed in native code.',
    advice: 'It restarts from its checkpoint. SIGKILL mostly means that the machine or container ran out of memory: see MILLRACE_MEMORY.',
  },
  CAPTURE_HUNG: {
    action: 'retry',
    summary:
      'The capture process said nothing for MILLRACE_CAPTURE_TIMEOUT, though it says something every second: stopped, frozen, or in an endless loop.',
    advice:
      'It was killed and restarts from its checkpoint. Look for what stopped it (SIGSTOP, a debugger, swapping, a disk that does not answer); ' +
      'otherwise report it with the log.',
  },
  RETRIES_EXHAUSTED: {
    action: 'halt',
    summary:
      'A failure that may pass by itself did not: the attempts that MILLRACE_RETRY_ATTEMPTS and MILLRACE_RETRY_TIMEOUT allow have all failed.',
    advice:
      'The message holds the last failure with its code: do what is said of that one, then start again from the checkpoint. ' +
      'If it only needed longer, raise the limit that the message names.',
  },
  SHUTDOWN_TIMEOUT: {
    action: 'halt',
    summary: 'Not everything under way could be delivered and stored before the deadline of the shutdown.',
    advice:
      'Nothing is lost: the next start repeats what lies behind the checkpoint. Raise MILLRACE_SHUTDOWN_TIMEOUT if the broker only needs longer.',
  },
} satisfies Record<string, CodeEntry>;
