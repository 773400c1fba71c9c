import type { CodeEntry } from '../codes.ts';

export const PROCESS_CODES = {
  INTERNAL: {
    action: 'retry',
    summary: 'The program met a state that it holds to be impossible: a defect in Millrace.',
    advice: 'The capture restarts from its checkpoint. Please report it with the log; nothing after the checkpoint was acknowledged to the source.',
  },
} satisfies Record<string, CodeEntry>;
