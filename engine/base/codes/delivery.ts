import type { CodeEntry } from '../codes.ts';

export const DELIVERY_CODES = {
} satisfies Record<string, CodeEntry>;
