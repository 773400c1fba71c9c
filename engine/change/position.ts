/**
 * A place in a source's log, opaque to epochs and stores: they keep it, compare nothing and hand it back to the source that made it.
 * JSON-safe. PostgreSQL: `parts: [{ connection: slot, commitEnd: 'X/X' }]`.
 */
export interface Position {
  readonly kind: 'postgres';
  /** One for each connection of the source (a lane, later); today exactly one. */
  readonly parts: readonly { readonly connection: string; readonly lsn: string }[];
}

/** A position as operators read it: the LSN, one for each connection. */
export function positionText(position: Position): string {
  return position.parts.map(({ lsn }) => lsn).join(' ');
}
