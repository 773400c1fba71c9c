// The status page: asks the API every two seconds and shows what it says. It changes nothing, and asks nobody else.
import { Plot } from './plot.js';
import { bytes, count, days, element, percent, seconds, timeLeft } from './show.js';

const POLL_MS = 2000;
const TOKEN = 'millrace-token';

const connection = document.getElementById('connection');
const login = document.getElementById('login');
const list = document.getElementById('changefeeds');
/** Cards by the changefeed's name: they are made once and filled again and again. */
const cards = new Map();

/** Answers to a token that is missing or wrong are `null`. */
async function ask(path) {
  const token = sessionStorage.getItem(TOKEN);
  const headers = token === null ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(path, { headers, cache: 'no-store', signal: AbortSignal.timeout(10_000) });
  if (response.status === 401) return null;
  if (!response.ok) throw new Error(`the service answered ${response.status}`);
  return { body: await response.json(), serverMs: Date.parse(response.headers.get('date')) };
}

class Card {
  constructor(id) {
    this.id = id;
    this.name = element('h2', {}, id);
    this.state = element('span', { class: 'state' });
    this.route = element('span', { class: 'route' });
    this.reason = element('p', { class: 'reason' });
    this.figures = element('dl', { class: 'figures' });
    this.places = element('dl', { class: 'places' });
    this.rows = new Plot('rows', 'Messages each second', count);
    this.lag = new Plot('lag', 'Lag', seconds);
    this.snapshot = element('section');
    this.reads = element('section');
    this.partitions = element('div', { class: 'scroll' });
    this.partitionsTitle = element('summary');
    this.details = element('details', {}, this.partitionsTitle, this.partitions);
    this.errors = element('section');
    this.root = element(
      'article',
      {},
      element('div', { class: 'head' }, this.name, this.state, this.route),
      this.reason,
      this.figures,
      this.places,
      element('div', { class: 'plots' }, this.rows.root, this.lag.root),
      this.snapshot,
      this.reads,
      this.errors,
      this.details,
    );
    this.lastMs = 0;
  }

  show(changefeed) {
    this.state.textContent = changefeed.phase === 'paused' ? 'paused' : changefeed.state;
    this.state.dataset.state = changefeed.state;
    this.route.textContent = `${changefeed.source} → ${changefeed.topic}, ${changefeed.sync_mode}`;
    this.reason.textContent = changefeed.reason ?? changefeed.activity ?? '';
    this.reason.hidden = this.reason.textContent === '';
    this.showFigures(changefeed);
    this.showSnapshot(changefeed.snapshot);
    this.showReads(changefeed.reads);
    this.showErrors(changefeed.errors);
  }

  showFigures(changefeed) {
    const { throughput, lag_seconds, log, checkpoint, records_exported, last_export_time, restarts } = changefeed;
    const figures = [
      ['Messages/s', count(throughput.messages_per_sec)],
      ['Throughput', `${bytes(throughput.bytes_per_sec)}/s`],
      ['Lag', seconds(lag_seconds)],
      ...(log === null ? slotFigures(changefeed) : lagFigures(changefeed)),
      ['Exported', count(records_exported)],
      ['Last export', last_export_time === null ? '–' : new Date(last_export_time).toLocaleTimeString()],
      ...(log === null ? [['Checkpoint', checkpoint.position ?? '–']] : []),
      ['Restarts', count(restarts)],
    ];
    this.figures.replaceChildren(...figures.map(([name, value]) => element('div', {}, element('dt', {}, name), element('dd', {}, value))));
    const places = log === null ? [] : placesOf(log, checkpoint);
    this.places.hidden = places.length === 0;
    this.places.replaceChildren(...places.flatMap(([name, value]) => [element('dt', {}, name), element('dd', {}, value)]));
  }

  showSnapshot(snapshot) {
    this.snapshot.hidden = snapshot === null;
    if (snapshot === null) return;
    const about = `${percent(snapshot.percent)} of the tables, ${count(snapshot.rows_per_sec)} rows/s, ${timeLeft(snapshot.seconds_left)} left`;
    const tables = snapshot.tables.map(({ table, rows, percent: done }) => [table, count(rows), percent(done)]);
    this.snapshot.replaceChildren(
      element('h3', {}, 'Snapshot'),
      element('progress', { max: '100', value: String(snapshot.percent), 'aria-label': about }),
      element('p', { class: 'soft' }, about),
      element('div', { class: 'scroll' }, tableOf(['Table', 'Rows', 'Done'], tables)),
    );
  }

  showReads(reads) {
    this.reads.hidden = reads.length === 0;
    const rows = reads.map(({ table, where, state, percent: done, rows: number, error }) => [
      where === null ? table : `${table} where ${where}`,
      error === null ? state : `${state}: ${error.code}`,
      count(number),
      percent(done),
    ]);
    const head = ['Table', 'State', 'Rows', 'Done'];
    this.reads.replaceChildren(element('h3', {}, 'Read beside the stream'), element('div', { class: 'scroll' }, tableOf(head, rows)));
  }

  showErrors(errors) {
    this.errors.hidden = errors.length === 0;
    const items = errors.map(({ at, code, message, advice }) =>
      element(
        'li',
        {},
        element('p', {}, element('code', {}, code), ' ', element('time', { datetime: at, class: 'soft' }, new Date(at).toLocaleString())),
        element('p', {}, message),
        element('p', { class: 'soft' }, advice),
      ),
    );
    this.errors.replaceChildren(element('h3', {}, 'Last errors'), element('ol', {}, ...items));
  }

  async showPartitions() {
    const answer = await ask(`api/v1/partitions?changefeed=${encodeURIComponent(this.id)}`);
    if (answer === null) return;
    const partitions = answer.body;
    this.details.hidden = partitions.length === 0;
    this.partitionsTitle.textContent = `Partitions (${partitions.length})`;
    const rows = partitions.map((row) => [
      `${row.topic} / ${row.partition}`,
      String(row.current_offset),
      count(row.lag),
      count(row.throughput_per_sec),
    ]);
    this.partitions.replaceChildren(tableOf(['Partition', 'Offset', 'Lag', 'Messages/s'], rows));
  }

  /** What came since the last time, and the plots up to the service's present. */
  async showHistory() {
    const answer = await ask(`api/v1/changefeeds/${encodeURIComponent(this.id)}/history?since=${this.lastMs}`);
    if (answer === null) return;
    this.lastMs = answer.body.at(-1)?.at ?? this.lastMs;
    this.rows.add(
      answer.body.map((point) => [point.at, point.messages_per_sec]),
      answer.serverMs,
    );
    this.lag.add(
      answer.body.map((point) => [point.at, point.lag_seconds]),
      answer.serverMs,
    );
  }
}

/** What PostgreSQL has of a changefeed. */
function slotFigures({ slot }) {
  return [['Slot holds', bytes(slot?.held_bytes ?? null)]];
}

/** How far behind the end of a binary log. */
function lagFigures({ lag_transactions, lag_bytes }) {
  return [
    ['Transactions behind', count(lag_transactions)],
    ['Log behind', bytes(lag_bytes)],
  ];
}

/** Places in a binary log: sets of GTIDs may be long. */
function placesOf({ file, offset, gtid, kept_bytes, expire_seconds }, checkpoint) {
  const age = expire_seconds > 0 ? `, each file for ${days(expire_seconds)}` : '';
  return [
    ['Reads', `${file}:${offset}`],
    ...(gtid === null ? [] : [['GTID', gtid]]),
    ['Checkpoint', checkpoint.position ?? '–'],
    ...(kept_bytes === null ? [] : [['Server keeps', `${bytes(kept_bytes)} of log${age}`]]),
  ];
}

function tableOf(head, rows) {
  return element(
    'table',
    {},
    element('thead', {}, element('tr', {}, ...head.map((name) => element('th', { scope: 'col' }, name)))),
    element('tbody', {}, ...rows.map((cells) => element('tr', {}, ...cells.map((cell) => element('td', {}, cell))))),
  );
}

async function refresh() {
  const changefeeds = await ask('api/v1/changefeeds');
  login.hidden = changefeeds !== null;
  if (!login.hidden) return tell('the token is missing or wrong', true);
  for (const changefeed of changefeeds.body) {
    if (!cards.has(changefeed.id)) {
      cards.set(changefeed.id, new Card(changefeed.id));
      list.append(cards.get(changefeed.id).root);
    }
    cards.get(changefeed.id).show(changefeed);
  }
  await Promise.all([...cards.values()].flatMap((card) => [card.showPartitions(), card.showHistory()]));
  tell(`as of ${new Date().toLocaleTimeString()}`, false);
}

function tell(text, isLost) {
  connection.textContent = text;
  connection.classList.toggle('lost', isLost);
}

async function poll() {
  try {
    await refresh();
  } catch (error) {
    tell(`no answer from the service: ${error.message}`, true);
  }
  setTimeout(poll, POLL_MS);
}

login.addEventListener('submit', (event) => {
  event.preventDefault();
  sessionStorage.setItem(TOKEN, document.getElementById('token').value);
  refresh().catch((error) => tell(error.message, true));
});

void poll();
