import { isCount, isName, parseFields, type Shape } from './record-fields.ts';

/** Who owns a changefeed's checkpoint in a topic, as everybody who reads the topic sees it. */
export interface Owner {
  readonly generation: number;
  /** Counts the signs of life of this owner. */
  readonly beat: number;
  readonly host: string;
  readonly pid: number;
  /** ISO 8601, UTC. */
  readonly since: string;
  /** Identity of its state directory: whoever holds the lock of that knows this owner to be gone. */
  readonly directory: string;
}

const OWNER_FIELDS: Shape<Owner> = {
  generation: isCount,
  beat: isCount,
  host: isName,
  pid: isCount,
  since: isName,
  directory: isName,
};

export function encodeOwner(owner: Owner): string {
  return JSON.stringify(owner);
}

/** Null for what no owner wrote. */
export function decodeOwner(text: string): Owner | null {
  const owner = parseFields(text, OWNER_FIELDS, (fields) => fields);
  return typeof owner === 'string' ? null : owner;
}

/** An owner for messages. */
export function ownerText({ host, pid, since }: Owner): string {
  return `pid ${pid} on ${host}, since ${since}`;
}
