import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { redactorOf } from '../../../../engine/control/config/service.ts';
import { problemsOf, serviceConfigOf } from './support.ts';

const TOKEN = 'a-token-of-some-length';

const prefixed = (env: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(env).map(([name, value]) => [`MILLRACE_HTTP_${name}`, value]));
const httpOf = (env: Readonly<Record<string, string>>) => serviceConfigOf(prefixed(env)).http;
const warningsOf = (env: Readonly<Record<string, string>>) => serviceConfigOf(prefixed(env)).warnings;

describe('options of HTTP', () => {
  it('are a loopback address without login when nothing is given', () => {
    assert.deepEqual(httpOf({}), { host: '127.0.0.1', port: 8300, token: null, tls: null, hosts: [] });
    assert.equal(httpOf({ ADDRESS: 'off', TOKEN }), null);
  });

  it('are taken as they are given', () => {
    const env = { ADDRESS: '0.0.0.0:80', TOKEN, CERTIFICATE_LOCATION: 'c.pem', KEY_LOCATION: '/k.pem', HOSTS: 'CDC.example.com, cdc' };
    const tls = { certificate: '/srv/c.pem', key: '/k.pem' };
    assert.deepEqual(httpOf(env), { host: '0.0.0.0', port: 80, token: TOKEN, tls, hosts: ['cdc.example.com', 'cdc'] });
    assert.deepEqual(warningsOf(env), []);
  });

  it('are refused when they cannot work', () => {
    const problems = (env: Readonly<Record<string, string>>) => problemsOf(() => httpOf(env));
    assert.match(problems({ TOKEN: 'short' })[0]!, /^MILLRACE_HTTP_TOKEN: given a value that is not shown, accepted: at least 16 letters/);
    assert.match(problems({ HOSTS: 'cdc:8300' })[0]!, /names of hosts without ports/);
    assert.deepEqual(problems({ KEY_LOCATION: 'k' }), [
      'MILLRACE_HTTP_KEY_LOCATION is given without MILLRACE_HTTP_CERTIFICATE_LOCATION: a certificate and its key go together',
    ]);
    assert.match(problems({ CERTIFICATE_LOCATION: 'c' })[0]!, /is given without MILLRACE_HTTP_KEY_LOCATION/);
  });

  it('are warned of where others can reach or read', () => {
    assert.match(warningsOf({ ADDRESS: '0.0.0.0:8300' })[0]!, /whoever reaches it reads the status and the metrics; nobody can pause/);
    assert.match(warningsOf({ ADDRESS: '[::]:8300', TOKEN })[0]!, /crosses the network unencrypted/);
    for (const ADDRESS of ['localhost:0', '127.0.0.9:0', '[::1]:0']) assert.deepEqual(warningsOf({ ADDRESS }), [], ADDRESS);
  });

  it('have a token that is never shown', () => {
    const config = serviceConfigOf(prefixed({ TOKEN }));
    assert.equal(redactorOf(config, {})(`with ${TOKEN} in it`), 'with *** in it');
  });
});
