import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MillraceError } from '../../../../engine/base/errors.ts';
import { apiClient } from '../../../../engine/control/cli/api-client.ts';
import type { HttpConfig } from '../../../../engine/control/config/config.ts';
import { certificates } from '../../../support/certificates.ts';
import { freePort } from '../../../support/ports.ts';
import { LOCAL, serve, shop } from '../http/support.ts';
import { streaming, untilStopped } from '../stage.ts';

const TOKEN = 'a-token-of-some-length';
const LEVEL = '/api/v1/log-level';

function refused(code: string, why: RegExp): (error: unknown) => boolean {
  return (error) => error instanceof MillraceError && error.code === code && why.test(error.message);
}

const unreachable = (why: RegExp) => refused('API_UNREACHABLE', why);

describe('a client of the service', () => {
  it('asks with the token', async (t) => {
    const { url } = await serve(t, shop(t, [], { MILLRACE_LOG_LEVEL: 'warn' }), { token: TOKEN });
    const config: HttpConfig = { ...LOCAL, port: Number(new URL(url).port) };
    assert.deepEqual(await apiClient({ ...config, token: TOKEN })(LEVEL), { level: 'warn' });
    await assert.rejects(apiClient(config)(LEVEL), refused('API_TOKEN_REFUSED', /no token was given/));
    await assert.rejects(apiClient({ ...config, token: `${TOKEN}x` })(LEVEL), refused('API_TOKEN_REFUSED', /another token/));
  });

  it('changes something with the header that shows who asks, and says why it was refused', async (t) => {
    const scene = shop(t, [untilStopped]);
    const { url } = await serve(t, scene);
    const ask = apiClient({ ...LOCAL, port: Number(new URL(url).port) });
    void scene.supervisor.run();
    await streaming(scene);
    const reads = '/api/v1/changefeeds/shop/snapshots';
    const read = (await ask(reads, { method: 'POST', body: { table: 'shop.orders', where: 'id > 1' } })) as Record<string, unknown>;
    assert.deepEqual([read['table'], read['where'], read['state']], ['shop.orders', 'id > 1', 'reading']);
    const cancelled = (await ask(`${reads}/${String(read['id'])}`, { method: 'DELETE' })) as Record<string, unknown>;
    assert.equal(cancelled['state'], 'cancelled');
    await assert.rejects(ask(`${reads}/unknown`, { method: 'DELETE' }), refused('API_NOT_FOUND', /given the read "unknown"/));
    await assert.rejects(ask(reads, { method: 'POST', body: { table: 'shop.*' } }), refused('API_REQUEST_INVALID', /without wildcards/));
  });

  it("trusts the service's own certificate, also under another address, and no other of the same authority", async (t) => {
    const { serverCertificate, serverKey, clientCertificate } = await certificates();
    const tls = { certificate: serverCertificate, key: serverKey };
    const { url } = await serve(t, shop(t, [], { MILLRACE_LOG_LEVEL: 'warn' }), { host: '127.0.0.9', tls });
    const config = { ...LOCAL, host: '127.0.0.9', port: Number(new URL(url).port) };
    assert.deepEqual(await apiClient({ ...config, tls })(LEVEL), { level: 'warn' });
    await assert.rejects(
      apiClient({ ...config, tls: { ...tls, certificate: clientCertificate } })(LEVEL),
      unreachable(/certificate|issuer/),
    );
    assert.throws(
      () => apiClient({ ...config, tls: { ...tls, certificate: '/nowhere.pem' } }),
      (error) => error instanceof MillraceError && error.code === 'HTTP_TLS_INVALID',
    );
  });

  it('asks a service that listens on every address on the loopback interface', async (t) => {
    const { url } = await serve(t, shop(t, [], { MILLRACE_LOG_LEVEL: 'warn' }), { host: '0.0.0.0' });
    assert.deepEqual(await apiClient({ ...LOCAL, host: '0.0.0.0', port: Number(new URL(url).port) })(LEVEL), { level: 'warn' });
  });

  it('says where nobody answers', async () => {
    const port = await freePort();
    await assert.rejects(
      apiClient({ ...LOCAL, port })(LEVEL),
      unreachable(new RegExp(`^http://127\\.0\\.0\\.1:${port}${LEVEL}: .*ECONNREFUSED`)),
    );
  });
});
