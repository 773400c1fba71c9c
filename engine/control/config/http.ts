import { isIPv4 } from 'node:net';
import type { HttpConfig } from './config.ts';
import { variableOf } from './option.ts';
import { OPTIONS, type OptionValues } from './options.ts';
import type { HTTP_OPTIONS } from './options-http.ts';
import type { ReadOptions } from './changefeeds.ts';

export type HttpValues = Pick<OptionValues, keyof typeof HTTP_OPTIONS>;

/** The service's address and who may use it; null when it is off. */
export function httpOf(values: HttpValues): HttpConfig | null {
  const { httpAddress, httpToken, httpCertificateLocation, httpKeyLocation, httpHosts } = values;
  if (httpAddress === 'off') return null;
  const tls =
    httpCertificateLocation === null || httpKeyLocation === null ? null : { certificate: httpCertificateLocation, key: httpKeyLocation };
  return { ...httpAddress, token: httpToken, tls, hosts: httpHosts ?? [] };
}

/** A certificate and its key go together. */
export function httpProblems({ sources }: Pick<ReadOptions, 'sources'>): string[] {
  if (sources.has('httpCertificateLocation') === sources.has('httpKeyLocation')) return [];
  const [there, missing] = sources.has('httpCertificateLocation')
    ? (['httpCertificateLocation', 'httpKeyLocation'] as const)
    : (['httpKeyLocation', 'httpCertificateLocation'] as const);
  return [`${sources.get(there)} is given without ${variableOf(OPTIONS[missing].name)}: a certificate and its key go together`];
}

/** What an address that others reach gives away. */
export function httpWarnings(values: HttpValues): string[] {
  const http = httpOf(values);
  if (http === null || isLoopback(http.host)) return [];
  if (http.token === null) {
    return [
      `MILLRACE_HTTP_ADDRESS is ${http.host}, which others reach, and there is no MILLRACE_HTTP_TOKEN: ` +
        'whoever reaches it reads the status and the metrics; nobody can pause or restart',
    ];
  }
  if (http.tls === null) {
    return [
      `MILLRACE_HTTP_ADDRESS is ${http.host}, and MILLRACE_HTTP_TOKEN crosses the network unencrypted: set MILLRACE_HTTP_CERTIFICATE_LOCATION`,
    ];
  }
  return [];
}

/** True when only this machine reaches the address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}
