import type { CodeEntry } from '../codes.ts';

export const STATE_CODES = {
} satisfies Record<string, CodeEntry>;
