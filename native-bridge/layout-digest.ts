import { LAYOUT } from './layout.ts';

/**
 * FNV-1a (32 bits) over every `NAME=value` of the layout, in order. The generated header carries it, the addon reports it,
 * and `index.ts` refuses an addon that was compiled from another layout.
 */
export function layoutDigest(layout: Readonly<Record<string, number>> = LAYOUT): number {
  let hash = 0x811c9dc5;
  for (const [name, value] of Object.entries(layout)) {
    for (const character of `${name}=${value};`) {
      hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193) >>> 0;
    }
  }
  return hash;
}
