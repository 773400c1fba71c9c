import { MillraceError } from '../base/errors.ts';
import type { RowStyle } from '../change/json/object.ts';
import type { TableSchema } from '../change/table-schema.ts';
import { clocksOf } from '../change/time/clock.ts';
import type { EncoderOptions } from './encoder.ts';
import { namerOf } from './names.ts';

/** How a format's options want rows written. */
export function rowStyleOf(options: EncoderOptions): RowStyle {
  const isKvJson = options.format === 'kv-json';
  return {
    values: { shortDecimals: isKvJson, zeroDates: options.zeroDates, ...clocksOf(options.times) },
    nulls: options.nulls,
    isExcluded: columnMatcher(options.excludeColumns),
    nameOf: namerOf(isKvJson ? 'none' : options.naming),
  };
}

/** Tells the columns that a list of names and `/regular expressions/` means; an expression must match the whole name. */
export function columnMatcher(patterns: readonly string[]): (column: string) => boolean {
  const names = new Set(patterns.filter((pattern) => !isExpression(pattern)));
  const expressions = patterns.filter(isExpression).map((pattern) => new RegExp(`^(?:${pattern.slice(1, -1)})$`, 'su'));
  return (column) => names.has(column) || expressions.some((expression) => expression.test(column));
}

function isExpression(pattern: string): boolean {
  return pattern.length > 1 && pattern.startsWith('/') && pattern.endsWith('/');
}

/**
 * Refuses a table two of whose columns would have one name in messages.
 * @throws MillraceError COLUMN_NAMES_CLASH
 */
export function assertDistinctColumns(schema: TableSchema, style: RowStyle): void {
  const seen = new Map<string, string>();
  for (const { name } of schema.columns) {
    if (style.isExcluded(name)) continue;
    const written = style.nameOf(name);
    const other = seen.get(written);
    if (other !== undefined) {
      const table = `${schema.schema}.${schema.table}`;
      throw new MillraceError(
        'COLUMN_NAMES_CLASH',
        `the columns ${other} and ${name} of ${table} would both be called ${written} in messages`,
        {
          table,
          column: name,
          name: written,
        },
      );
    }
    seen.set(written, name);
  }
}
