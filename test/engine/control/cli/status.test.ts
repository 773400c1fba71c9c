import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { projectRoot } from '../../../support/paths.ts';
import { freePort } from '../../../support/ports.ts';
import { until } from '../../../support/wait.ts';
import { serve, shop } from '../http/support.ts';
import { streaming, untilStopped } from '../stage.ts';
import { cli } from './support.ts';

const TOKEN = 'a-token-of-some-length';

describe('millrace status', () => {
  it('shows the service that the options name, as text and as JSON', async (t) => {
    const scene = shop(t, [untilStopped]);
    const { host, port } = new URL((await serve(t, scene, { token: TOKEN })).url);
    void scene.supervisor.run();
    await streaming(scene);
    const env = { MILLRACE_HTTP_ADDRESS: host, MILLRACE_HTTP_TOKEN: TOKEN };
    const text = await cli(['status'], env);
    assert.deepEqual([text.code, text.stderr], [0, '']);
    assert.match(text.stdout, /^CHANGEFEED +STATE .*\nshop +normal +streaming /);
    const json = JSON.parse((await cli(['status', '--json', '--http-address', `127.0.0.1:${port}`], env)).stdout);
    assert.deepEqual([json.changefeeds[0].id, json.partitions], ['shop', []]);
  });

  it('says which service does not answer, and exits 1', async () => {
    const address = `127.0.0.1:${await freePort()}`;
    const { code, stdout, stderr } = await cli(['status', '--http-address', address]);
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, new RegExp(`^API_UNREACHABLE: http://${address}/api/v1/changefeeds: .*ECONNREFUSED`));
    assert.match(stderr, /docs\/errors\.md#api_unreachable/);
  });

  it('asks no service that is off, or whose port is not known', async () => {
    for (const address of ['off', '127.0.0.1:0']) {
      const { code, stderr } = await cli(['status', '--http-address', address]);
      assert.equal(code, 2);
      assert.match(stderr, /MILLRACE_HTTP_ADDRESS: accepted: the address of the service that is to be asked/);
    }
    assert.equal((await cli(['status', '--http-adress', 'x'])).code, 2);
  });

  it('watches until it is interrupted, also while the service is away', async (t) => {
    const scene = shop(t, []);
    const port = await freePort();
    const entry = join(projectRoot, 'dist/engine/main.js');
    const child = spawn(process.execPath, [entry, 'status', '--watch', '--json', '--http-address', `127.0.0.1:${port}`]);
    t.after(() => child.kill('SIGKILL'));
    let out = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (piece: string) => (out += piece));
    child.stderr.setEncoding('utf8').on('data', (piece: string) => (errors += piece));
    await until(() => errors.includes('API_UNREACHABLE'), { what: 'the failure' });
    await serve(t, scene, { port });
    await until(() => out.split('\n').length >= 3, { what: () => `two lines in ${out} ${errors}` });
    assert.equal(JSON.parse(out.split('\n')[0]!).changefeeds[0].id, 'shop');
    const ended = once(child, 'close');
    child.kill('SIGINT');
    assert.deepEqual(await ended, [0, null]);
  });
});
