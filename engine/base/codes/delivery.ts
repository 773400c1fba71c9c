import type { CodeEntry } from '../codes.ts';

export const DELIVERY_CODES = {
  MESSAGE_TOO_LARGE: {
    action: 'halt',
    summary: 'A row makes a message that is larger than the topic or the memory budget allows.',
    advice: 'Raise the limit that the message names (the topic\'s max.message.bytes, or MILLRACE_MEMORY), or exclude the table. The next start meets the same row.',
  },
} satisfies Record<string, CodeEntry>;
