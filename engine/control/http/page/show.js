// How values are written, and how nodes are made. Text is only ever text: nothing that the service says becomes markup.

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const one = new Intl.NumberFormat('en-US', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const UNKNOWN = '–';

/** An element with attributes and children; strings are text. */
export function element(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) node.setAttribute(attribute, value);
  node.append(...children);
  return node;
}

export function count(value) {
  if (value === null) return UNKNOWN;
  return value > 0 && value < 10 && !Number.isInteger(value) ? one.format(value) : whole.format(value);
}

export function percent(value) {
  return `${one.format(value)} %`;
}

/** Powers of 1000, as everywhere in Millrace. */
export function bytes(value) {
  if (value === null) return UNKNOWN;
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let shown = value;
  let unit = 0;
  while (shown >= 999.5 && unit < units.length - 1) {
    shown /= 1000;
    unit += 1;
  }
  return `${unit === 0 || shown >= 100 ? whole.format(shown) : one.format(shown)} ${units[unit]}`;
}

export function seconds(value) {
  if (value === null) return UNKNOWN;
  if (value >= 120) return timeLeft(value);
  return value < 1 ? `${whole.format(value * 1000)} ms` : `${one.format(value)} s`;
}

export function timeLeft(value) {
  if (value === null) return 'an unknown time';
  const left = Math.ceil(value);
  const two = (number) => String(number).padStart(2, '0');
  if (left >= 3600) return `${Math.floor(left / 3600)} h ${two(Math.floor((left % 3600) / 60))} min`;
  return left >= 60 ? `${Math.floor(left / 60)} min ${two(left % 60)} s` : `${left} s`;
}

/** A length of time that is mostly given in days. */
export function days(value) {
  return value >= 172_800 ? `${Math.floor(value / 86_400)} days` : timeLeft(value);
}
