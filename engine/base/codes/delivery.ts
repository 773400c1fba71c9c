import type { CodeEntry } from '../codes.ts';

export const DELIVERY_CODES = {
  DELIVERY_FAILED: {
    action: 'retry',
    summary: 'A message was refused for good, or given up, after it was handed to the producer.',
    advice: 'The message names broker error, topic, table and key. The capture restarts from its checkpoint; if it ends here again, mend what the error names.',
  },
  MESSAGE_TOO_LARGE: {
    action: 'halt',
    summary: 'A row makes a message that is larger than the topic or the memory budget allows.',
    advice: 'Raise the limit that the message names (the topic\'s max.message.bytes, or MILLRACE_MEMORY), or exclude the table. The next start meets the same row.',
  },
} satisfies Record<string, CodeEntry>;
