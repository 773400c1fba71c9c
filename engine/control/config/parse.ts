import { resolve } from 'node:path';

/** What a parser answers for a text that it does not take. */
export class Refused {
  /** A sentence that goes in front of what is accepted; empty when "given, accepted" says it all. */
  readonly reason: string;

  constructor(reason = '') {
    this.reason = reason;
  }
}

/** How a text becomes a value, and how that is documented. */
export interface ValueType<T> {
  readonly name: string;
  /** Completes the sentence "accepted: ...". */
  readonly accepted: string;
  /** `cwd` is what relative paths are relative to. */
  parse(text: string, cwd: string): T | Refused;
}

/** Any text but an empty one; `pattern` must match the whole. */
export function text(accepted = 'any text', pattern = /^[^]+$/): ValueType<string> {
  return { name: 'text', accepted, parse: (given) => (pattern.test(given) ? given : new Refused()) };
}

export function boolean(): ValueType<boolean> {
  return {
    name: 'boolean',
    accepted: 'true or false',
    parse(given) {
      const word = given.trim().toLowerCase();
      if (word === 'true' || word === '1') return true;
      if (word === 'false' || word === '0') return false;
      return new Refused();
    },
  };
}

export type Protocol = 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL';

/** Kafka's name of a protocol; true and false when only TLS is asked for or ruled out. */
export function protocol(): ValueType<Protocol | boolean> {
  const names = choice(['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL']);
  const words = boolean();
  return {
    name: 'protocol',
    accepted: `${names.accepted}, true, false`,
    parse(given, cwd) {
      const named = names.parse(given, cwd);
      return named instanceof Refused ? words.parse(given, cwd) : named;
    },
  };
}

/** A whole number in decimal digits. */
export function integer(min: number, max: number): ValueType<number> {
  return {
    name: 'integer',
    accepted: `a whole number from ${min} to ${max}`,
    parse(given) {
      if (!/^[+-]?\d{1,15}$/.test(given.trim())) return new Refused();
      return within(Number(given), min, max);
    },
  };
}

/** One of `words`; case and spaces do not matter. `refused` names words that exist and are not taken, with their reasons. */
export function choice<const W extends string>(words: readonly W[], refused: Readonly<Record<string, string>> = {}): ValueType<W> {
  return {
    name: 'choice',
    accepted: words.length === 1 ? `only ${words[0]}` : words.join(', '),
    parse(given) {
      const word = squeeze(given);
      const found = words.find((candidate) => squeeze(candidate) === word);
      if (found !== undefined) return found;
      const known = Object.keys(refused).find((candidate) => squeeze(candidate) === word);
      return new Refused(known === undefined ? '' : refused[known]);
    },
  };
}

const DURATION_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, min: 60_000, h: 3_600_000 };

/** A time in milliseconds, from `500ms`, `10s`, `2m`, `1h` or a bare number in `unit`. */
export function duration(unit: 'ms' | 's', minMs: number, maxMs: number): ValueType<number> {
  return {
    name: 'duration',
    accepted: `a time from ${formatDuration(minMs)} to ${formatDuration(maxMs)} (500ms, 10s, 2m; a bare number is ${unit})`,
    parse(given) {
      const match = /^(\d{1,12}(?:\.\d{1,6})?)\s*(ms|s|min|m|h)?$/i.exec(given.trim());
      if (match === null) return new Refused();
      const factor = DURATION_MS[(match[2] ?? unit).toLowerCase()];
      return factor === undefined ? new Refused() : within(Math.round(Number(match[1]) * factor), minMs, maxMs);
    },
  };
}

const BYTES: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
};

/** A size in bytes, from `64kB`, `160MB`, `1GiB` or a bare number of bytes. kB, MB, GB are powers of 1000. */
export function bytes(min: number, max: number): ValueType<number> {
  return {
    name: 'size',
    accepted: `a size from ${formatBytes(min)} to ${formatBytes(max)} (64kB, 160MB, 1GiB; a bare number is bytes)`,
    parse(given) {
      const match = /^(\d{1,15}(?:\.\d{1,6})?)\s*([kmg]?i?b)?$/i.exec(given.trim());
      if (match === null) return new Refused();
      const factor = BYTES[(match[2] ?? 'b').toLowerCase()];
      return factor === undefined ? new Refused() : within(Math.round(Number(match[1]) * factor), min, max);
    },
  };
}

/** A path, made absolute. */
export function path(): ValueType<string> {
  return {
    name: 'path',
    accepted: 'a path; a relative one starts at the working directory',
    parse: (given, cwd) => (given === '' || given.includes('\0') ? new Refused() : resolve(cwd, given)),
  };
}

/** Certificates or keys as text. */
export function pem(): ValueType<string> {
  return {
    name: 'PEM text',
    accepted: 'PEM text, which begins with -----BEGIN and ends with -----END ...-----',
    parse: (given) => (/^-----BEGIN [^]+-----END [A-Z0-9 ]+-----$/.test(given.trim()) ? `${given.trim()}\n` : new Refused()),
  };
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** `host:port`, `[::1]:port`, or `off` (null). Port 0 takes any free one. */
export function addressOrOff(): ValueType<Address | 'off'> {
  return {
    name: 'address',
    accepted: 'host:port ([::1]:8300 for IPv6, port 0 for any free one) or off',
    parse(given) {
      const word = given.trim();
      if (word.toLowerCase() === 'off') return 'off';
      const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:[\]/]+)):(\d{1,5})$/.exec(word);
      if (match === null || Number(match[3]) > 65_535) return new Refused();
      return { host: match[1] ?? match[2] ?? '', port: Number(match[3]) };
    },
  };
}

/** Names of hosts without ports, in lower case. */
export function hostNames(): ValueType<readonly string[]> {
  return {
    name: 'list',
    accepted: 'names of hosts without ports, separated by commas',
    parse(given) {
      const names = given.split(',').map((name) => name.trim().toLowerCase());
      return names.every((name) => /^[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?$/.test(name)) ? names : new Refused();
    },
  };
}

/** `host:port,host:port`, as librdkafka takes it; the port may be missing (9092). */
export function brokers(): ValueType<string> {
  return {
    name: 'addresses',
    accepted: 'host:port, several separated by commas',
    parse(given) {
      const parts = given.split(',').map((part) => part.trim());
      return parts.every(isBroker) ? parts.join(',') : new Refused();
    },
  };
}

function isBroker(part: string): boolean {
  const match = /^(?:\[[0-9a-fA-F:.]+\]|[^\s:,/[\]@]+)(?::(\d{1,5}))?$/.exec(part);
  return match !== null && Number(match[1] ?? 9092) <= 65_535;
}

/** Items separated by commas outside double quotes; blanks around an item do not count, an empty item is refused. */
export function list(accepted: string): ValueType<readonly string[]> {
  return {
    name: 'list',
    accepted,
    parse(given) {
      const items = splitQuoted(given);
      if (items === null) return new Refused('a double quote is not closed;');
      return items.includes('') ? new Refused() : items;
    },
  };
}

/** Splits at commas outside double quotes (`""` inside is a quote); null when a quote is left open. */
function splitQuoted(given: string): string[] | null {
  const items: string[] = [];
  let start = 0;
  let quoted = false;
  for (let i = 0; i < given.length; i++) {
    if (given[i] === '"') quoted = !quoted;
    if (given[i] === ',' && !quoted) {
      items.push(given.slice(start, i).trim());
      start = i + 1;
    }
  }
  items.push(given.slice(start).trim());
  return quoted ? null : items;
}

function within(value: number, min: number, max: number): number | Refused {
  return value >= min && value <= max ? value : new Refused();
}

function squeeze(word: string): string {
  return word.replace(/\s+/g, '').toLowerCase();
}

function formatDuration(ms: number): string {
  if (ms === 0) return '0';
  if (ms % 3_600_000 === 0) return `${ms / 3_600_000}h`;
  if (ms % 60_000 === 0) return `${ms / 60_000}m`;
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`;
}

function formatBytes(count: number): string {
  if (count % 1e9 === 0) return `${count / 1e9}GB`;
  if (count % 1e6 === 0) return `${count / 1e6}MB`;
  return count % 1e3 === 0 ? `${count / 1e3}kB` : `${count} bytes`;
}
