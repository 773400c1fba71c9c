import { optional, withDefault } from './option.ts';
import { addressOrOff, hostNames, path, text } from './parse.ts';

/** Where the service is watched and steered, and by whom. */
export const HTTP_OPTIONS = {
  httpAddress: withDefault(addressOrOff(), '127.0.0.1:8300', {
    name: 'HTTP_ADDRESS',
    group: 'Service',
    meaning:
      'Where the status page, `/live`, `/ready`, `/metrics` and the API are served. Off the loopback interface and without MILLRACE_HTTP_TOKEN ' +
      'they can be read only.',
  }),
  httpToken: optional(text('at least 16 letters, digits, and - . _ ~ + / =', /^[A-Za-z0-9._~+/=-]{16,}$/), 'no login', {
    name: 'HTTP_TOKEN',
    group: 'Service',
    secret: true,
    meaning: 'Who asks for more than `/live` and `/ready` has to send `Authorization: Bearer` and this token.',
  }),
  httpCertificateLocation: optional(path(), 'no TLS', {
    name: 'HTTP_CERTIFICATE_LOCATION',
    group: 'Service',
    meaning: 'PEM file of the certificate (and its chain) to serve HTTPS with. Needs MILLRACE_HTTP_KEY_LOCATION.',
  }),
  httpKeyLocation: optional(path(), 'no TLS', {
    name: 'HTTP_KEY_LOCATION',
    group: 'Service',
    meaning: 'PEM file of the key of MILLRACE_HTTP_CERTIFICATE_LOCATION, not encrypted.',
  }),
  httpHosts: optional(hostNames(), "addresses, `localhost`, the machine's name and that of MILLRACE_HTTP_ADDRESS", {
    name: 'HTTP_HOSTS',
    group: 'Service',
    meaning:
      'Further names under which the service is asked, separated by commas. Under any other it does not answer, so that no foreign web page ' +
      'reaches it through a browser.',
  }),
} as const;
