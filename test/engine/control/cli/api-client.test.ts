import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MillraceError } from '../../../../engine/base/errors.ts';
import { apiClient } from '../../../../engine/control/cli/api-client.ts';
import type { HttpConfig } from '../../../../engine/control/config/config.ts';
import { certificates } from '../../../support/certificates.ts';
import { freePort } from '../../../support/ports.ts';
import { LOCAL, serve, shop } from '../http/support.ts';

const TOKEN = 'a-token-of-some-length';
const LEVEL = '/api/v1/log-level';

function unreachable(why: RegExp): (error: unknown) => boolean {
  return (error) => error instanceof MillraceError && error.code === 'API_UNREACHABLE' && why.test(error.message);
}

describe('a client of the service', () => {
  it('asks with the token', async (t) => {
    const { url } = await serve(t, shop(t, [], { MILLRACE_LOG_LEVEL: 'warn' }), { token: TOKEN });
    const config: HttpConfig = { ...LOCAL, port: Number(new URL(url).port) };
    assert.deepEqual(await apiClient({ ...config, token: TOKEN })(LEVEL), { level: 'warn' });
    await assert.rejects(apiClient(config)(LEVEL), unreachable(/API_TOKEN_REFUSED: no token was given/));
    await assert.rejects(apiClient({ ...config, token: `${TOKEN}x` })(LEVEL), unreachable(/API_TOKEN_REFUSED: another token/));
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
