import type { Metric } from './metric.ts';

/** A value with its labels, in the order in which they are written. */
export interface LabelledSample {
  readonly value: number;
  readonly labels: readonly (readonly [name: string, value: string])[];
}

/** One metric in the text format of Prometheus: help, type, a line for each sample. */
export function exposition({ name, help, kind }: Pick<Metric, 'name' | 'help' | 'kind'>, samples: readonly LabelledSample[]): string {
  const lines = [`# HELP ${name} ${escaped(help)}`, `# TYPE ${name} ${kind}`];
  for (const { value, labels } of samples) {
    const list = labels.map(([label, text]) => `${label}="${escaped(text).replaceAll('"', String.raw`\"`)}"`).join(',');
    lines.push(`${name}${list === '' ? '' : `{${list}}`} ${numberText(value)}`);
  }
  return `${lines.join('\n')}\n`;
}

function escaped(text: string): string {
  return text.replaceAll('\\', String.raw`\\`).replaceAll('\n', String.raw`\n`);
}

/** As Go writes it, which the format asks for; JavaScript differs in the infinite ones alone. */
function numberText(value: number): string {
  if (Number.isFinite(value) || Number.isNaN(value)) return String(value);
  return value > 0 ? '+Inf' : '-Inf';
}
