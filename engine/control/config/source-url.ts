import { parseConnectionUrl as parseMysqlUrl } from '../../source/mysql/url.ts';
import { parseConnectionUrl as parsePostgresUrl } from '../../source/postgres/url.ts';
import type { SourceConfig } from './config.ts';

/** What kind of source each scheme means. */
const KINDS: Readonly<Record<string, SourceConfig['kind']>> = {
  postgres: 'postgres',
  postgresql: 'postgres',
  mariadb: 'binlog',
  mysql: 'binlog',
};

/** What a URL says of any kind of source. */
export interface SourceAddress {
  readonly servers: readonly { readonly host: string; readonly port: number }[];
  readonly user: string;
  /** Null where none is named. */
  readonly database: string | null;
  readonly password: string | null;
  /** Of the key of a certificate. */
  readonly keyPassword: string | null;
}

/** The kind of source that a URL names; one without a scheme, or with an unknown one, is for PostgreSQL's reading to refuse. */
export function kindOfUrl(url: string): SourceConfig['kind'] {
  const scheme = /^([a-z][a-z0-9+]*):\/\//i.exec(url)?.[1];
  return KINDS[scheme?.toLowerCase() ?? ''] ?? 'postgres';
}

/** @throws MillraceError SOURCE_URL_INVALID */
export function addressIn(url: string): SourceAddress {
  const { servers, user, database, password, ssl } = (kindOfUrl(url) === 'binlog' ? parseMysqlUrl(url) : parsePostgresUrl(url, {}))
    .settings;
  return { servers, user, database, password, keyPassword: ssl.keyPassword };
}

/** `url` with a password put into its query, where every kind looks for one too; the URL must not have one already. */
export function withPassword(url: string, password: string): string {
  return `${url}${url.includes('?') ? '&' : '?'}password=${encodeURIComponent(password)}`;
}

/** True when the URL holds the password itself. */
export function hasPassword(url: string): boolean {
  return addressIn(url).password !== null;
}

/** Every secret of the URL, decoded and as it is written there. */
export function secretsIn(url: string): string[] {
  const { password, keyPassword } = addressIn(url);
  const written = [
    /^[a-z]+:\/\/[^:@/?]*:([^@/?]*)@/i,
    /[?&]password=([^&]*)/,
    /[?&]sslpassword=([^&]*)/,
    /[?&]ssl[-_]key[-_]password=([^&]*)/,
  ].map((form) => form.exec(url)?.[1]);
  return [password, keyPassword, ...written].filter((secret) => secret !== null && secret !== undefined);
}

/** What the URL names openly: user, database, hosts. */
export function namesIn(url: string): string[] {
  const { user, database, servers } = addressIn(url);
  return [user, ...(database === null ? [] : [database]), ...servers.map(({ host }) => host)];
}

/** `host:port/database` of the first server, for whoever watches before it is known which one answers. */
export function instanceIn(url: string): string {
  const { servers, database } = addressIn(url);
  const [server] = servers;
  const place = `${server?.host ?? ''}:${server?.port ?? ''}`;
  return database === null ? place : `${place}/${database}`;
}
