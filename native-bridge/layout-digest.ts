import { LAYOUT } from './layout.ts';
import { ROW_LAYOUT } from './row-layout.ts';

/** Everything that both languages know, by name. */
export const SHARED_LAYOUT = { ...LAYOUT, ...ROW_LAYOUT } as const;

/**
 * FNV-1a (32 bits) over every `NAME=value` of the layout, in order. The generated header carries it, the addon reports it,
 * and `index.ts` refuses an addon that was compiled from another layout.
 */
export function layoutDigest(layout: Readonly<Record<string, number>> = SHARED_LAYOUT): number {
  let hash = 0x811c9dc5;
  for (const [name, value] of Object.entries(layout)) {
    for (const character of `${name}=${value};`) {
      hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193) >>> 0;
    }
  }
  return hash;
}
