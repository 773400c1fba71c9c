import { isUtf8 } from 'node:buffer';
import { ByteView } from '../../base/byte-view.ts';
import { NULL_COLUMN, RowImage } from '../../change/row-image.ts';
import type { LetterRow } from '../../change/letter-row.ts';
import { bytesText } from '../../check/text.ts';
import type { Objection } from '../../dead-letters/later-messages.ts';
import { nameOfLetter, type StoredLetter } from '../../dead-letters/stored-letter.ts';
import { textTable } from './table.ts';

/** Longest texts of the list. */
const KEY_SHOWN = 40;

/** Letters as a table. */
export function letterTable(letters: readonly StoredLetter[]): string {
  if (letters.length === 0) return 'There are no dead letters.\n';
  const rows = letters.map((letter) => [
    nameOfLetter(letter),
    letter.time,
    letter.reason,
    letter.table,
    letter.operation,
    cut(letter.key ?? '-'),
    letter.position,
    letter.to.partition === null ? letter.to.topic : `${letter.to.topic}[${letter.to.partition}]`,
    bytesText(letter.bytes) + (letter.row === null ? ' (cut)' : ''),
  ]);
  return textTable(['LETTER', 'TIME', 'REASON', 'TABLE', 'OPERATION', 'KEY', 'POSITION', 'TO', 'BYTES'], rows);
}

/** A letter as JSON; `columns` when its bytes are at hand. */
export function letterJson({ data, row, ...letter }: StoredLetter, withData: boolean): Record<string, unknown> {
  const facts = { letter: nameOfLetter(letter), ...letter, isWhole: row !== null };
  if (!withData) return facts;
  if (row === null) return { ...facts, head: data.toString('base64') };
  const { xid, xoffset, isSnapshot, schema, oldLength } = row;
  return {
    ...facts,
    xid,
    xoffset,
    isSnapshot,
    old: oldLength === 0 ? null : columnsOf(row, data, 0, oldLength),
    new: oldLength === data.length ? null : columnsOf(row, data, oldLength, data.length),
    types: Object.fromEntries(schema.columns.map(({ name, sourceType }) => [name, sourceType])),
  };
}

/** A letter with its row, a line for each column. */
export function letterText(letter: StoredLetter): string {
  const { to, row, data, message } = letter;
  const lines: [string, string][] = [
    ['letter', nameOfLetter(letter)],
    ['reason', `${letter.reason}: ${message}`],
    ['time', letter.time],
    ['table', letter.table],
    ['operation', row?.isSnapshot === true ? `${letter.operation} (a row that was there before)` : letter.operation],
    ['key', letter.key ?? '-'],
    ['position', row === null || row.isSnapshot ? letter.position : `${letter.position}, row ${row.xoffset} of transaction ${row.xid}`],
    ['for', to.partition === null ? to.topic : `${to.topic}[${to.partition}], from offset ${to.offset ?? 'not known'}`],
    ['bytes', row === null ? `${letter.bytes}, of which ${data.length} were kept` : String(letter.bytes)],
  ];
  const head = lines.map(([name, value]) => `${name.padEnd(10)} ${value}\n`).join('');
  if (row === null) return `${head}\n${JSON.stringify(data.toString('latin1'))}\n`;
  const { old, new: now } = letterJson(letter, true) as Record<'old' | 'new', Record<string, unknown> | null>;
  return head + imageText('old', old) + imageText('new', now);
}

function imageText(title: string, columns: Record<string, unknown> | null): string {
  if (columns === null) return '';
  return `\n${title}\n${Object.entries(columns)
    .map(([name, value]) => `  ${name} = ${JSON.stringify(value)}\n`)
    .join('')}`;
}

/** Values as the source wrote them; what is no text as `{ base64 }`, an unchanged long value as `{ unchanged: true }`. */
function columnsOf({ schema }: LetterRow, data: Buffer, start: number, end: number): Record<string, unknown> {
  const image = new RowImage(`${schema.schema}.${schema.table}`, schema.columns.length);
  image.locate(new ByteView(data), start, end, schema.columns.length);
  return Object.fromEntries(
    schema.columns.map(({ name }, i) => [name, valueOf(data, image.starts[i] ?? 0, image.lengths[i] ?? NULL_COLUMN)]),
  );
}

function valueOf(data: Buffer, start: number, length: number): unknown {
  if (length < 0) return length === NULL_COLUMN ? null : { unchanged: true };
  const bytes = data.subarray(start, start + length);
  return isUtf8(bytes) ? bytes.toString('utf8') : { base64: bytes.toString('base64') };
}

/** Why a letter is not sent again. */
export function objectionText(objection: Objection): string {
  const { kind, topic, partition } = objection;
  switch (kind) {
    case 'overtaken':
      return `a later message of its key is in ${topic}[${partition}] at offset ${objection.offset}: the older row would come behind it (--force sends it all the same)`;
    case 'replayed':
      return `it was sent again before, and is in ${topic}[${partition}] at offset ${objection.offset}`;
    case 'unknown':
      return `${topic}[${partition}] has deleted messages that came after it: nobody can tell whether one was of its key (--force sends it all the same)`;
  }
}

function cut(text: string): string {
  return text.length <= KEY_SHOWN ? text : `${text.slice(0, KEY_SHOWN)}...`;
}
