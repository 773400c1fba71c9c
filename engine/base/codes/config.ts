import type { CodeEntry } from '../codes.ts';

export const CONFIG_CODES = {
} satisfies Record<string, CodeEntry>;
