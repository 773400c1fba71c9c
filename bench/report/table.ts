import type { BenchResult } from './result.ts';

const HEADER = ['bench', 'unit', 'median', 'min', 'max', 'reference', 'ratio', 'us CPU/row', 'RSS MB'];

/** The cells of one result, as the terminal's table and the documentation show them. */
export function resultCells(result: BenchResult): string[] {
  const { reference } = result;
  return [
    result.id,
    result.unit,
    formatNumber(result.median),
    formatNumber(result.min),
    formatNumber(result.max),
    reference === null ? '' : `${reference.name} ${formatNumber(reference.median)}${reference.recorded === true ? ' (recorded)' : ''}`,
    result.ratio === null ? '' : result.ratio.toFixed(2),
    result.cpu_us_per_row === null ? '' : result.cpu_us_per_row.toFixed(2),
    formatNumber(result.rss_max_mb),
  ];
}

/** Results as a table of fixed columns for a terminal. */
export function renderTable(results: readonly BenchResult[]): string {
  const rows = [HEADER, ...results.map(resultCells)];
  const widths = HEADER.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => pad(cell, widths[column]!, column))
      .join('  ')
      .trimEnd(),
  );
  lines.splice(1, 0, widths.map((width) => '-'.repeat(width)).join('  '));
  return lines.join('\n');
}

/** Results as a Markdown table. */
export function renderMarkdown(results: readonly BenchResult[]): string {
  const separator = HEADER.map((_, column) => (isText(column) ? '---' : '---:'));
  return [HEADER, separator, ...results.map(resultCells)].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

/** Digits in groups of three; small figures keep up to three decimals. */
export function formatNumber(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: Math.abs(value) < 100 ? 3 : 0 });
}

function pad(cell: string, width: number, column: number): string {
  return isText(column) ? cell.padEnd(width) : cell.padStart(width);
}

function isText(column: number): boolean {
  return column === 0 || column === 1 || column === 5;
}
