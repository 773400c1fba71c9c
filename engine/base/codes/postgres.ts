import type { CodeEntry } from '../codes.ts';

export const POSTGRES_CODES = {
} satisfies Record<string, CodeEntry>;
