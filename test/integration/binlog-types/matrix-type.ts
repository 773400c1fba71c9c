import type fc from 'fast-check';
import type { Meaning } from '../../../engine/source/mysql/binlog/ambiguity.ts';

/** A type of the servers, and values of it. */
export interface MatrixType {
  readonly declared: string;
  /** SQL expressions. */
  readonly values: readonly string[];
  readonly random?: fc.Arbitrary<string>;
  /** What is selected of the column `v`, where it is not the column itself. */
  readonly select?: string;
  /** Both texts in a form that can be compared, `said` that of the server where it needs another. */
  readonly show?: (text: Buffer) => string;
  readonly said?: (text: Buffer) => string;
  readonly meaning?: Meaning;
  /** Which servers have it; all by default. */
  readonly servers?: readonly ('mariadb' | 'mysql')[];
  /** Version of those servers that has it first, `11.7`. */
  readonly since?: string;
  /** Statements around its table. */
  readonly before?: readonly string[];
  readonly after?: readonly string[];
}

export const hex = (text: Buffer): string => text.toString('hex');
export const quoted = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`;
export const inHex = (bytes: Uint8Array): string => `x'${Buffer.from(bytes).toString('hex')}'`;
/** In UTF-8, whatever the connection says. */
export const utf8 = (text: string): string => (text === '' ? "''" : `_utf8mb4 ${inHex(Buffer.from(text))}`);
