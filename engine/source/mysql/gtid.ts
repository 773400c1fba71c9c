import { MillraceError } from '../../base/errors.ts';

/** The last transaction of a domain. */
export interface MariadbGtid {
  readonly domain: number;
  readonly serverId: number;
  readonly sequence: bigint;
}

const GTID = /^(\d{1,10})-(\d{1,10})-(\d{1,20})$/;
const UINT32_MAX = 4_294_967_295;
const UINT64_MAX = 18_446_744_073_709_551_615n;

/**
 * A position of MariaDB: what was last read of each domain. `0-1-5,7-1-2`; empty: nothing. Immutable.
 *
 * A server that is given one sends what comes after it in each domain, and all of every domain that it does not name.
 */
export class MariadbGtidPosition {
  private readonly domains: ReadonlyMap<number, MariadbGtid>;

  private constructor(domains: ReadonlyMap<number, MariadbGtid>) {
    this.domains = domains;
  }

  static readonly EMPTY = new MariadbGtidPosition(new Map());

  /** @throws MillraceError `POSITION_INVALID` */
  static parse(text: string): MariadbGtidPosition {
    const gtids = parseGtids(text);
    const domains = new Map(gtids.map((gtid) => [gtid.domain, gtid]));
    if (domains.size < gtids.length) throw invalid(text, 'a domain stands there twice');
    return new MariadbGtidPosition(domains);
  }

  get isEmpty(): boolean {
    return this.domains.size === 0;
  }

  /** Ascending by domain. */
  get gtids(): readonly MariadbGtid[] {
    return [...this.domains.values()].toSorted((a, b) => a.domain - b.domain);
  }

  of(domain: number): MariadbGtid | null {
    return this.domains.get(domain) ?? null;
  }

  /** The position after one more transaction. */
  with(gtid: MariadbGtid): MariadbGtidPosition {
    return new MariadbGtidPosition(new Map(this.domains).set(gtid.domain, gtid));
  }

  /** Whether everything up to `other` lies at or before this position. */
  contains(other: MariadbGtidPosition): boolean {
    return other.gtids.every(({ domain, sequence }) => sequence <= (this.of(domain)?.sequence ?? -1n));
  }

  toString(): string {
    return this.gtids.map(gtidText).join(',');
  }
}

/**
 * Reads a list of GTIDs, of which a domain may have several, as in `@@gtid_binlog_state`.
 * @throws MillraceError `POSITION_INVALID`
 */
export function parseGtids(text: string): MariadbGtid[] {
  const entries = text.split(',').map((entry) => entry.trim());
  if (entries.length === 1 && entries[0] === '') return [];
  return entries.map((entry) => {
    const match = GTID.exec(entry);
    if (match === null) throw invalid(text, `\`${entry}\` is none`);
    const gtid = { domain: Number(match[1]), serverId: Number(match[2]), sequence: BigInt(match[3]!) };
    const fits = gtid.domain <= UINT32_MAX && gtid.serverId <= UINT32_MAX && gtid.sequence <= UINT64_MAX;
    if (!fits) throw invalid(text, `a number of \`${entry}\` is too large`);
    return gtid;
  });
}

export function gtidText({ domain, serverId, sequence }: MariadbGtid): string {
  return `${domain}-${serverId}-${sequence}`;
}

function invalid(text: string, why: string): MillraceError {
  const message = `\`${text}\` is no position of MariaDB, GTIDs such as 0-1-5,7-1-2, one for each domain: ${why}.`;
  return new MillraceError('POSITION_INVALID', message, { given: text });
}
