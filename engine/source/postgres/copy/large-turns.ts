import type { LargeTurn } from '../framing.ts';

/**
 * Lets one connection at a time put together a line that is larger than what each keeps memory for, so that several connections take no
 * more than one would: each such line is held as it came and as an image, up to a quarter of the memory budget each.
 */
export class LargeTurns {
  private readonly onFree: () => void;
  private holder: symbol | null = null;

  /** @param onFree called soon after a turn is over: who was refused may try again */
  constructor(onFree: () => void) {
    this.onFree = onFree;
  }

  /** The turn of one connection. */
  add(): LargeTurn {
    const own = Symbol('connection');
    return {
      take: () => {
        this.holder ??= own;
        return this.holder === own;
      },
      end: () => {
        if (this.holder !== own) return;
        this.holder = null;
        setImmediate(this.onFree);
      },
    };
  }
}
