import { element } from './show.js';

const SVG = 'http://www.w3.org/2000/svg';
const WIDTH = 600;
const HEIGHT = 100;
const WINDOW_MS = 300_000;
/** Points come once a second: where none came for so long, nothing is known and no line is drawn. */
const GAP_MS = 5000;

/** One line over the last five minutes, from 0 to the least round number that holds it. */
export class Plot {
  constructor(kind, title, format) {
    this.format = format;
    this.title = title;
    this.points = [];
    this.endMs = 0;
    this.grid = path('grid');
    this.line = path('series');
    this.cursor = path('cursor');
    this.svg = document.createElementNS(SVG, 'svg');
    this.svg.setAttribute('viewBox', `0 0 ${WIDTH} ${HEIGHT}`);
    this.svg.setAttribute('preserveAspectRatio', 'none');
    this.svg.setAttribute('role', 'img');
    this.svg.append(this.grid, this.line, this.cursor);
    this.top = element('span');
    this.readout = element('span');
    this.root = element(
      'figure',
      { class: kind },
      element('figcaption', { class: 'title' }, title, this.readout),
      element('figcaption', {}, this.top),
      this.svg,
      element('figcaption', {}, element('span', {}, '5 min ago'), element('span', {}, 'now')),
    );
    this.svg.addEventListener('pointermove', (event) => this.point(event));
    this.svg.addEventListener('pointerleave', () => this.unpoint());
  }

  /** Points are pairs of time and value, the oldest first. */
  add(points, nowMs) {
    this.endMs = Math.max(nowMs, points.at(-1)?.[0] ?? 0);
    this.points = [...this.points, ...points].filter(([atMs]) => atMs > this.endMs - WINDOW_MS);
    this.max = roundUp(Math.max(...this.points.map(([, value]) => value), 0));
    this.line.setAttribute('d', this.lineThrough());
    this.grid.setAttribute('d', `M0 ${this.y(this.max)}H${WIDTH}M0 ${this.y(this.max / 2)}H${WIDTH}`);
    this.top.textContent = this.format(this.max);
    const last = this.points.at(-1);
    const shown = last === undefined ? 'nothing known' : this.format(last[1]);
    this.svg.setAttribute('aria-label', `${this.title}: ${shown}, at most ${this.format(this.max)} in five minutes`);
  }

  lineThrough() {
    let previousMs = 0;
    return this.points
      .map(([atMs, value]) => {
        const isBroken = atMs - previousMs > GAP_MS;
        previousMs = atMs;
        return `${isBroken ? 'M' : 'L'}${this.x(atMs).toFixed(1)} ${this.y(value).toFixed(1)}`;
      })
      .join('');
  }

  x(atMs) {
    return WIDTH - ((this.endMs - atMs) / WINDOW_MS) * WIDTH;
  }

  y(value) {
    return HEIGHT - 1 - (value / this.max) * (HEIGHT - 4);
  }

  /** Shows the point that is nearest to the pointer. */
  point(event) {
    const { left, width } = this.svg.getBoundingClientRect();
    const atMs = this.endMs - (1 - (event.clientX - left) / width) * WINDOW_MS;
    const distance = (point) => Math.abs(point[0] - atMs);
    const nearest = this.points.reduce((best, point) => (best === null || distance(point) < distance(best) ? point : best), null);
    if (nearest === null) return;
    this.readout.textContent = `${this.format(nearest[1])} at ${new Date(nearest[0]).toLocaleTimeString()}`;
    this.cursor.setAttribute('d', `M${this.x(nearest[0])} 0V${HEIGHT}`);
  }

  unpoint() {
    this.readout.textContent = '';
    this.cursor.setAttribute('d', '');
  }
}

function path(kind) {
  const node = document.createElementNS(SVG, 'path');
  node.setAttribute('class', kind);
  return node;
}

/** 1, 2 or 5 times a power of ten, at least so much; never 0. */
function roundUp(value) {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((factor) => factor * power).find((bound) => bound >= value) ?? 10 * power;
}
