import type { CodeEntry } from '../codes.ts';

export const CONFIG_CODES = {
  CONFIG_INVALID: {
    action: 'fix-config',
    summary: 'One or more options are missing, unknown, contradict each other or have a value that is not accepted.',
    advice: 'The message lists every problem at once with what is accepted. `millrace options` lists all options.',
  },
  HTTP_ADDRESS_UNAVAILABLE: {
    action: 'fix-config',
    summary: 'The address of the service cannot be listened on: another process has it, or it is no address of this machine.',
    advice: 'Choose another one with MILLRACE_HTTP_ADDRESS (port 0 takes any free port), or `off` to serve none.',
  },
  HTTP_TLS_INVALID: {
    action: 'fix-config',
    summary: 'The certificate or the key for HTTPS cannot be read, is not PEM, or the two do not belong together.',
    advice: 'Give PEM files with MILLRACE_HTTP_CERTIFICATE_LOCATION and MILLRACE_HTTP_KEY_LOCATION; the key must not be encrypted.',
  },
} satisfies Record<string, CodeEntry>;
