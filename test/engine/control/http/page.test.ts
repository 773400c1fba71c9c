import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { chromium, type Browser, type Page } from 'playwright-core';
import { MillraceError, toErrorRecord } from '../../../../engine/base/errors.ts';
import type { HttpConfig } from '../../../../engine/control/config/config.ts';
import { skipUnless } from '../../../support/skip.ts';
import { until } from '../../../support/wait.ts';
import { ready, untilStopped, type Scene } from '../stage.ts';
import type { Step } from '../stand-in-capture.ts';
import { READ, SNAPSHOT, statsOf } from '../support.ts';
import type { Service } from '../../../../engine/control/service.ts';
import { ask, serve, serviceOf, shop } from './support.ts';

const TOKEN = 'a-token-of-some-length';
const MARKUP = '<img src=x onerror="document.title=\'taken\'"> no broker answered';

const partition = { topic: 'orders', delivered: 500, deliveredBytes: 200_000, inFlight: 60 };
const stats = (delivered: number, lagSeconds: number): Step => ({
  send: {
    type: 'stats',
    stats: statsOf({
      delivered,
      deliveredBytes: delivered * 400,
      lagSeconds,
      rowsExported: 1_234_567,
      partitions: [{ ...partition, partition: 0, offset: 5000, lag: 70 }],
      source: { ...statsOf().source, heldBytes: 16_800_000 },
    }),
  },
});
const lost: Step = { send: { type: 'error', error: toErrorRecord(new MillraceError('KAFKA_UNREACHABLE', MARKUP)) } };

/** A changefeed that has recovered from an error and streams. */
const LIVES: readonly (readonly Step[])[] = [
  [ready, lost, { exit: 1 }],
  [ready, stats(1000, 0.5), stats(3000, 2), stats(4000, 1), ...untilStopped.slice(1)],
];

describe('the files of the status page', () => {
  it('are for everybody, and let the browser load nothing else', async (t) => {
    const server = await serve(t, shop(t, []), { token: TOKEN });
    for (const [path, type] of [
      ['/', 'text/html'],
      ['/page.css', 'text/css'],
      ['/page.js', 'text/javascript'],
      ['/plot.js', 'text/javascript'],
      ['/show.js', 'text/javascript'],
    ] as const) {
      const { status, headers, body } = await ask(server, path);
      assert.deepEqual([status, headers['content-type']], [200, `${type}; charset=utf-8`], path);
      assert.match(String(headers['content-security-policy']), /^default-src 'none'; .*frame-ancestors 'none'$/);
      assert.equal(headers['x-content-type-options'], 'nosniff');
      assert.doesNotMatch(body.replaceAll('http://www.w3.org/2000/svg', ''), /https?:\/\//, 'nothing from outside');
    }
  });
});

describe('the status page', { skip: skipUnless('chromium') }, () => {
  let browser: Browser;
  before(async () => {
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-dev-shm-usage'] });
  });
  after(() => browser.close());

  const open = (t: TestContext, scene: Scene | Service, scheme: 'light' | 'dark', config: Partial<HttpConfig> = {}) =>
    openPage(browser, t, scene, scheme, config);

  for (const scheme of ['light', 'dark'] as const) {
    it(`shows what a changefeed does, ${scheme}`, async (t) => {
      const scene = shop(t, LIVES);
      void scene.supervisor.run();
      await until(() => scene.supervisor.watch.history.since(0).length === 3, { what: 'statistics' });
      const { page, problems, asked, server } = await open(t, scene, scheme);
      await page.locator('article .series[d^="M"]').first().waitFor({ state: 'attached' });
      assert.equal(await text(page, 'h2'), 'shop');
      assert.equal(await text(page, '.state'), 'normal');
      assert.match(await text(page, '.figures'), /Lag\s+1\.0 s\s+Slot holds\s+16\.8 MB\s+Exported\s+1,234,567/);
      assert.equal(await page.locator('.series[d^="M"]').count(), 2, 'both plots have a line');
      assert.match((await page.locator('.lag svg').getAttribute('aria-label'))!, /^Lag: 1\.0 s, at most 2\.0 s in five minutes$/);
      const errors = await text(page, 'ol li');
      assert.match(errors, /KAFKA_UNREACHABLE/);
      assert.ok(errors.includes(MARKUP), 'markup in a message is text');
      assert.match(errors, /docs\/errors\.md#kafka_unreachable/);
      await page.locator('summary').click();
      assert.match(await text(page, 'details table'), /orders \/ 0\s+5000\s+70/);
      assert.equal(await page.title(), 'Millrace');
      assert.deepEqual(problems, []);
      assert.deepEqual(
        asked.filter((url) => !url.startsWith(`${server.url}/`) && !url.startsWith('data:')),
        [],
      );
      assert.ok((await leastContrast(page)) >= 4.5, `contrast ${await leastContrast(page)}`);
    });
  }

  it('shows of MariaDB and MySQL how far behind the log is read, and where', async (t) => {
    const gtid = '0-1-500,7-2-19';
    const log = { file: 'mysql-bin.000123', fileNumber: 123, offset: 4567, gtid, keptBytes: 1_073_741_824, expireSeconds: 604_800 };
    const source = { ...statsOf().source, lagBytes: 2_500_000, lagTransactions: 1200, log };
    const checkpoint = { position: '0-1-490,7-2-19 mysql-bin.000123:4000', stores: 3, behindMs: 0 };
    const reading: Step = { send: { type: 'stats', stats: statsOf({ source, checkpoint, lagSeconds: 1.5 }) } };
    const scene = shop(t, [[ready, reading, ...untilStopped.slice(1)]], { MILLRACE_SOURCE_URL: 'mariadb://app:pw@db/shop' });
    void scene.supervisor.run();
    await until(() => scene.supervisor.watch.stats, { what: 'statistics' });
    for (const scheme of ['light', 'dark'] as const) {
      const { page, problems } = await open(t, scene, scheme);
      await page.locator('.places dt').first().waitFor();
      const figures = await text(page, '.figures');
      assert.match(figures, /Lag\s+1\.5 s\s+Transactions behind\s+1,200\s+Log behind\s+2\.5 MB\s+Exported/);
      assert.doesNotMatch(figures, /Slot/);
      const places = `Reads mysql-bin.000123:4567 GTID ${gtid} Checkpoint ${checkpoint.position} Server keeps 1.1 GB of log, each file for 7 days`;
      assert.equal((await text(page, '.places')).replaceAll(/\s+/g, ' '), places);
      assert.deepEqual(problems, []);
      assert.ok((await leastContrast(page)) >= 4.5, `contrast ${await leastContrast(page)}`);
    }
  });

  it('shows three changefeeds, each with its own partitions, plots and errors', async (t) => {
    const scenes = ['shop', 'stock', 'crm'].map((name) => shop(t, LIVES, { MILLRACE_CHANGEFEED: name }));
    const [first, ...others] = scenes;
    for (const scene of [first!, others[1]!]) void scene.supervisor.run();
    await until(() => others[1]!.supervisor.watch.history.since(0).length === 3, { what: 'statistics' });
    await until(() => first!.supervisor.watch.history.since(0).length === 3, { what: 'statistics' });
    const { page, problems } = await open(t, serviceOf(first!, ...others), 'light');
    await page.locator('article:nth-of-type(3) .series[d^="M"]').first().waitFor({ state: 'attached' });
    assert.equal(await text(page, 'h2'), 'shop\nstock\ncrm');
    const seen = async (article: number, what: string) => await page.locator(`article:nth-of-type(${article}) ${what}`).count();
    for (const [article, plots, rows] of [
      [1, 2, 1],
      [2, 0, 0],
      [3, 2, 1],
    ] as const) {
      assert.deepEqual([await seen(article, '.series[d^="M"]'), await seen(article, 'details tbody tr')], [plots, rows]);
    }
    first!.supervisor.pause();
    await page.locator('article:nth-of-type(1) .state', { hasText: 'paused' }).waitFor();
    assert.equal(await text(page, '.state'), 'paused\nnormal\nnormal');
    assert.match(await text(page, 'article:nth-of-type(2) .reason'), /the capture process is starting/);
    await page.setViewportSize({ width: 1100, height: 2200 });
    assert.deepEqual(problems, []);
  });

  it('follows a snapshot, a pause, and a service that goes away', async (t) => {
    const reading: Step = { send: { type: 'stats', stats: statsOf({ snapshot: SNAPSHOT }) } };
    const scene = shop(t, [[ready, reading, ...untilStopped.slice(1)]]);
    void scene.supervisor.run();
    await until(() => scene.supervisor.watch.stats, { what: 'statistics' });
    const { page, server } = await open(t, scene, 'light');
    await page.locator('progress[value="12.5"]').waitFor();
    assert.match(await text(page, 'section'), /12\.5 % of the tables, 100 rows\/s, 1 min 10 s left[^]*public\.orders\s+900\s+10\.0 %/);
    scene.supervisor.pause();
    await page.locator('.state', { hasText: 'paused' }).waitFor();
    assert.equal(await text(page, '.reason'), 'the changefeed is paused');
    await server.close();
    await page.locator('#connection.lost', { hasText: 'no answer from the service' }).waitFor();
  });

  it('shows tables that are read beside the stream, and what became of the last ones', async (t) => {
    const failed = { ...READ, id: 'b2', where: MARKUP, state: 'failed', error: { code: 'READ_TABLE_UNKNOWN', message: 'no' } } as const;
    const reading: Step = { send: { type: 'stats', stats: statsOf({ reads: [failed, READ] }) } };
    const scene = shop(t, [[ready, reading, ...untilStopped.slice(1)]]);
    void scene.supervisor.run();
    await until(() => scene.supervisor.watch.stats, { what: 'statistics' });
    const { page } = await open(t, scene, 'light');
    await page.locator('h3', { hasText: 'Read beside the stream' }).waitFor();
    const shown = await text(page, 'section');
    assert.match(
      shown,
      /public\.orders\s+reading\s+10\s+25\.0 %[^]*public\.orders where <img .*\s+failed: READ_TABLE_UNKNOWN\s+10\s+25\.0 %/,
    );
    assert.notEqual(await page.title(), 'taken');
  });

  it('asks for the token and keeps it for the tab', async (t) => {
    const { page } = await open(t, shop(t, []), 'dark', { token: TOKEN });
    await page.locator('#login').waitFor();
    assert.equal(await page.locator('article').count(), 0);
    await page.locator('#token').fill(`${TOKEN}x`);
    await page.locator('#login button').click();
    await page.locator('#connection', { hasText: 'missing or wrong' }).waitFor();
    await page.locator('#token').fill(TOKEN);
    await page.locator('#login button').click();
    await page.locator('article').waitFor();
    assert.equal(await page.locator('#login').isVisible(), false);
    await page.reload();
    await page.locator('article').waitFor();
  });
});

/** The page of a service, open; what went wrong in it, and what it asked for. */
async function openPage(
  browser: Browser,
  t: TestContext,
  scene: Scene | Service,
  colorScheme: 'light' | 'dark',
  config: Partial<HttpConfig>,
) {
  const server = await serve(t, scene, config);
  const context = await browser.newContext({ colorScheme, viewport: { width: 1100, height: 1000 } });
  t.after(() => context.close());
  const page = await context.newPage();
  const problems: string[] = [];
  const asked: string[] = [];
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('request', (request) => asked.push(request.url()));
  await page.goto(`${server.url}/`);
  return { page, problems, asked, server };
}

async function text(page: Page, selector: string): Promise<string> {
  return (await page.locator(selector).allInnerTexts()).join('\n');
}

/** The least contrast of a text to what it stands on, as WCAG counts it. */
async function leastContrast(page: Page): Promise<number> {
  return await page.evaluate(`(() => {
    const luminance = (colour) => {
      const [r, g, b] = colour.match(/[\\d.]+/g).map((part) => part / 255);
      const linear = (part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
      return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
    };
    const background = (node) => {
      const colour = getComputedStyle(node).backgroundColor;
      return colour === 'rgba(0, 0, 0, 0)' && node.parentElement !== null ? background(node.parentElement) : colour;
    };
    const texts = [...document.querySelectorAll('body *')].filter((node) => node.checkVisibility() &&
      [...node.childNodes].some((child) => child.nodeType === Node.TEXT_NODE && child.textContent.trim() !== ''));
    return Math.min(...texts.map((node) => {
      const pair = [luminance(getComputedStyle(node).color), luminance(background(node))].sort((a, b) => b - a);
      return (pair[0] + 0.05) / (pair[1] + 0.05);
    }));
  })()`);
}
