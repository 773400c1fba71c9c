import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { NOT_ASKED } from '../../scripts/audit.ts';
import { projectRoot } from '../support/paths.ts';
import { tempDir } from '../support/temp.ts';

const ADVISORY = {
  id: 1,
  url: 'https://advisories.example/1',
  title: 'it lets everybody in',
  vulnerable_versions: '<999',
  cwe: [],
  cvss: { score: 9, vectorString: null },
};

/** Runs the audit against a registry of our own, which answers questions about advisories with `answer`, or not at all. */
async function audit(t: TestContext, answer: unknown): Promise<{ code: number | null; output: string }> {
  const server = createServer((request, response) => {
    request.resume();
    const isAudit = request.url === '/-/npm/v1/security/advisories/bulk' && answer !== null;
    response.writeHead(isAudit ? 200 : 405, { 'content-type': 'application/json' }).end(JSON.stringify(isAudit ? answer : {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const registry = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const env = { ...process.env, npm_config_registry: registry, npm_config_fetch_retries: '0', npm_config_cache: tempDir(t) };
  const child = spawn(process.execPath, [join(projectRoot, 'dist/scripts/audit.js')], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += String(chunk)));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, output };
}

test('a registry that knows of nothing', async (t) => {
  assert.deepEqual(await audit(t, {}), { code: 0, output: 'no known vulnerability in what the product is installed with\n' });
});

test('a serious advisory about a package of the product fails, and is told with where it is written', async (t) => {
  const { code, output } = await audit(t, { pg: [{ ...ADVISORY, severity: 'high' }] });
  assert.equal(code, 1);
  assert.match(output, /^high: pg: it lets everybody in \(https:\/\/advisories\.example\/1\)/m);
});

test('a lesser one is told and does not fail', async (t) => {
  const { code, output } = await audit(t, { pg: [{ ...ADVISORY, severity: 'moderate' }] });
  assert.equal(code, 0);
  assert.match(output, /^moderate: pg: it lets/m);
});

test('a registry that does not answer: told loudly, and not taken for an answer', async (t) => {
  const { code, output } = await audit(t, null);
  assert.equal(code, NOT_ASKED);
  assert.match(output, /^!!! NOT AUDITED/);
});
