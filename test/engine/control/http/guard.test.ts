import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MillraceError } from '../../../../engine/base/errors.ts';
import type { HttpConfig } from '../../../../engine/control/config/config.ts';
import { createGuard, type Asked } from '../../../../engine/control/http/guard.ts';
import { LOCAL } from './support.ts';

const TOKEN = 'a-token-of-some-length';
const OFF_LOOPBACK: Partial<HttpConfig> = { host: '0.0.0.0' };

/** Code of the refusal; null when the request is let through. */
function verdict(config: Partial<HttpConfig>, asked: Partial<Asked> = {}): string | null {
  const guard = createGuard({ ...LOCAL, ...config }, 'Machine-7');
  try {
    guard({ method: 'GET', isOpen: false, ...asked, headers: { host: '127.0.0.1:8300', ...asked.headers } });
    return null;
  } catch (error) {
    assert.ok(error instanceof MillraceError);
    return error.code;
  }
}

describe('the guard', () => {
  it('answers under addresses and its own names, with and without a port', () => {
    const config = { host: 'cdc.internal', hosts: ['cdc.example.com'] };
    const names = ['10.0.0.7:8300', '10.0.0.7', '[::1]:8300', '[fe80::1]', 'localhost:8300', 'LocalHost', 'machine-7:8300'];
    for (const host of [...names, 'cdc.internal:1', 'CDC.example.com']) assert.equal(verdict(config, { headers: { host } }), null, host);
  });

  it('answers a probe that names no host', () => {
    assert.equal(verdict({}, { headers: { host: undefined } }), null);
  });

  it('refuses every other name, probes and token notwithstanding', () => {
    for (const host of ['evil.example.com', 'evil.example.com:8300', 'localhost.evil.com', '127.0.0.1.evil.com', '', 'cdc.example.com.']) {
      for (const isOpen of [true, false]) {
        const headers = { host, authorization: `Bearer ${TOKEN}` };
        assert.equal(verdict({ token: TOKEN }, { headers, isOpen }), 'API_HOST_REFUSED', host);
      }
    }
  });

  it('asks for the token where there is one, save for what is open', () => {
    const withToken = (authorization?: string) => verdict({ token: TOKEN }, { headers: { authorization } });
    assert.equal(withToken(`Bearer ${TOKEN}`), null);
    assert.equal(withToken(`bearer ${TOKEN}`), null);
    for (const wrong of [undefined, '', 'Bearer', `Basic ${TOKEN}`, `Bearer ${TOKEN}x`, `Bearer ${TOKEN.slice(0, -1)}`, TOKEN]) {
      assert.equal(withToken(wrong), 'API_TOKEN_REFUSED', wrong);
    }
    assert.equal(verdict({ token: TOKEN }, { isOpen: true }), null);
    assert.equal(verdict({ token: null }), null);
  });

  it('lets nobody change anything off loopback without a token', () => {
    const headers = { 'x-millrace': '1' };
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) assert.equal(verdict(OFF_LOOPBACK, { method, headers }), 'API_READ_ONLY');
    for (const method of ['GET', 'HEAD']) assert.equal(verdict(OFF_LOOPBACK, { method, headers }), null);
    for (const host of ['127.0.0.1', '127.8.9.1', '::1', 'localhost'])
      assert.equal(verdict({ host }, { method: 'POST', headers }), null, host);
    const known = { ...headers, authorization: `Bearer ${TOKEN}` };
    assert.equal(verdict({ ...OFF_LOOPBACK, token: TOKEN }, { method: 'POST', headers: known }), null);
  });

  it('asks for the header of writes', () => {
    assert.equal(verdict({}, { method: 'POST' }), 'API_HEADER_MISSING');
    assert.equal(verdict({}, { method: 'POST', headers: { 'x-millrace': '1' } }), null);
    assert.equal(verdict({}, { method: 'GET' }), null);
  });
});
