import { MillraceError } from '../../base/errors.ts';
import { positionText, type Position } from '../../change/position.ts';

/**
 * A log sequence number: a byte offset in the server's log, 64 bits, kept as two unsigned words because a JavaScript number
 * holds only 53 of them.
 */
export interface Lsn {
  readonly high: number;
  readonly low: number;
}

/** `16/B374D848`, as the server prints it. The words may be signed or not. */
export function formatLsn(high: number, low: number): string {
  return `${(high >>> 0).toString(16).toUpperCase()}/${(low >>> 0).toString(16).toUpperCase()}`;
}

/**
 * The inverse of `formatLsn`.
 * @throws MillraceError `POSITION_INVALID`
 */
export function parseLsn(text: string): Lsn {
  const match = /^([0-9A-Fa-f]{1,8})\/([0-9A-Fa-f]{1,8})$/.exec(text);
  if (match === null) {
    const message = `\`${text}\` is no PostgreSQL log position. Accepted are two hexadecimal words of up to 8 digits with a slash between them, such as 16/B374D848.`;
    throw new MillraceError('POSITION_INVALID', message, { position: text });
  }
  return { high: Number.parseInt(match[1]!, 16), low: Number.parseInt(match[2]!, 16) };
}

/** Negative, zero or positive as `a` lies before, at or after `b`. The words may be signed or not. */
export function compareLsn(aHigh: number, aLow: number, bHigh: number, bLow: number): number {
  const high = (aHigh >>> 0) - (bHigh >>> 0);
  return high !== 0 ? high : (aLow >>> 0) - (bLow >>> 0);
}

/** Whether LSN `a` lies beyond `b`, both as the server prints them. */
export function isBeyond(a: string, b: string): boolean {
  const left = parseLsn(a);
  const right = parseLsn(b);
  return compareLsn(left.high, left.low, right.high, right.low) > 0;
}

/** Bytes of log from `from` to `to`; 0 when `to` is not ahead. Exact below 2^53, which is 9 PB. */
export function lsnDistance(from: Lsn, to: Lsn): number {
  return Math.max(0, (to.high - from.high) * 0x1_0000_0000 + (to.low - from.low));
}

/**
 * The LSN in a position of this slot.
 * @throws MillraceError `POSITION_INVALID` for a position of another slot or with several parts
 */
export function lsnIn(position: Position, slot: string): Lsn {
  const [part, ...others] = position.kind === 'postgres' ? position.parts : [];
  if (part === undefined || others.length > 0 || part.connection !== slot) {
    const given = `${position.parts.map(({ connection }) => connection).join(', ')} ${positionText(position)}`;
    throw new MillraceError('POSITION_INVALID', `The position (${given}) is not one of the slot ${slot}.`, { slot, position: given });
  }
  return parseLsn(part.lsn);
}
