import { createRequire } from 'node:module';
import { TABLE_END, type ZoneTable } from './zone.ts';

/** The time zone database, packed as moment-timezone packs it: one text a zone, `existing|other name` for each link. */
interface PackedDatabase {
  readonly version: string;
  readonly zones: readonly string[];
  readonly links: readonly string[];
}

interface JsJoda {
  readonly ZoneRulesProvider: { getTzdbData(): PackedDatabase };
}

let loaded: PackedDatabase | null = null;

/** Loaded when a zone is asked for: that takes some tenths of a second, which a start in UTC need not spend. */
function database(): PackedDatabase {
  if (loaded === null) {
    const load = createRequire(import.meta.url);
    // The second one puts the database into the first.
    const [core] = ['@js-joda/core', '@js-joda/timezone'].map((name) => load(name) as unknown);
    loaded = (core as JsJoda).ZoneRulesProvider.getTzdbData();
  }
  return loaded;
}

/** The release of the time zone database, `2026a`. */
export function tzdataVersion(): string {
  return database().version;
}

/** Every name of the database. */
export function zoneNames(): string[] {
  const { zones, links } = database();
  return [...zones.map((packed) => packed.slice(0, packed.indexOf('|'))), ...links.map((link) => link.slice(link.indexOf('|') + 1))];
}

/** The zone of this name; null when there is none. */
export function findZone(name: string): ZoneTable | null {
  // A name and what follows it in the packed text would be found as well.
  if (name.includes('|')) return null;
  const { zones, links } = database();
  const link = links.find((entry) => entry.endsWith(`|${name}`));
  const target = link === undefined ? name : link.slice(0, link.indexOf('|'));
  const packed = zones.find((entry) => entry.startsWith(`${target}|`));
  return packed === undefined ? null : unpack(packed);
}

/**
 * `name|abbreviations|offsets|indices|lengths|population`: the offsets west of Greenwich, which of them holds in each period, and how long
 * each period is, the first one from 1970 on; in minutes to the base of 60, with the seconds behind a point.
 */
function unpack(packed: string): ZoneTable {
  const [, , offsetTexts = '', indices = '', lengths = ''] = packed.split('|');
  const offsets = offsetTexts.split(' ').map((text) => 0 - secondsOf(text));
  const starts: number[] = [];
  let start = 0;
  for (const length of lengths === '' ? [] : lengths.split(' ')) {
    start += secondsOf(length);
    if (start >= TABLE_END) break;
    starts.push(start);
  }
  const periods = Array.from(indices.slice(0, starts.length + 1), (index) => offsets[digitOf(index)] ?? 0);
  return { starts, offsets: periods };
}

function secondsOf(text: string): number {
  const [, sign, minutes = '', seconds = ''] = /^(-?)([^.]*)\.?(.*)$/.exec(text) ?? [];
  const whole = Array.from(minutes, digitOf).reduce((sum, digit) => sum * 60 + digit, 0);
  const total = whole * 60 + (seconds === '' ? 0 : digitOf(seconds));
  return sign === '-' ? 0 - total : total;
}

/** 0-9, a-z, A-X. */
function digitOf(character: string): number {
  const code = character.charCodeAt(0);
  if (code > 96) return code - 87;
  return code > 64 ? code - 29 : code - 48;
}
