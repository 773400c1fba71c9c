import type { Metric } from './metric.ts';

/** A value with its labels, in the order in which they are written. */
export interface LabelledSample {
  readonly value: number;
  readonly labels: readonly (readonly [name: string, value: string])[];
}

/** One metric in the text format of Prometheus: help, type, a line for each sample. */
export function exposition({ name, help, kind }: Pick<Metric, 'name' | 'help' | 'kind'>, samples: readonly LabelledSample[]): string {
  let text = `# HELP ${name} ${escaped(help)}\n# TYPE ${name} ${kind}\n`;
  for (const { value, labels } of samples) text += `${name}${labelText(labels)} ${numberText(value)}\n`;
  return text;
}

function labelText(labels: LabelledSample['labels']): string {
  let text = '';
  for (const [label, value] of labels) text += `${text === '' ? '{' : ','}${label}="${escaped(value).replaceAll('"', String.raw`\"`)}"`;
  return text === '' ? '' : `${text}}`;
}

function escaped(text: string): string {
  return text.replaceAll('\\', String.raw`\\`).replaceAll('\n', String.raw`\n`);
}

/** As Go writes it, which the format asks for; JavaScript differs in the infinite ones alone. */
function numberText(value: number): string {
  if (Number.isFinite(value) || Number.isNaN(value)) return String(value);
  return value > 0 ? '+Inf' : '-Inf';
}
