import { MillraceError } from '../../base/errors.ts';
import { parseTableName, parseTablePatterns, type TableName } from '../../source/tables.ts';
import { parseConnectionUrl } from '../../source/postgres/url.ts';
import { Refused, list, type ValueType } from './parse.ts';

/** Quoted pieces of a message that cannot be part of a secret: parameters that hold none. */
const HARMLESS = /^(ssl|sslmode|sslcert|sslkey|sslnegotiation|channel_binding|target_session_attrs|connect_timeout)(=|$)/;

/** A libpq URL, checked as the connection will read it. */
export function sourceUrl(): ValueType<string> {
  return {
    name: 'URL',
    accepted: 'postgres://user:password@host:port/database, special characters percent-encoded',
    parse(given) {
      const scheme = /^([a-z][a-z0-9+]*):\/\//i.exec(given)?.[1];
      if (scheme === 'mysql' || scheme === 'mariadb') return new Refused(`a source of kind ${scheme} is not supported yet;`);
      try {
        parseConnectionUrl(given, {});
        return given;
      } catch (error) {
        return new Refused(`${withoutQuotes(reasonOf(error))};`);
      }
    },
  };
}

/** The list of tables, checked pattern by pattern; it stays as it was given. */
export function tables(): ValueType<readonly string[]> {
  const entries = list('patterns separated by commas, such as shop.*,public.orders');
  return {
    ...entries,
    parse(given, cwd) {
      const parsed = entries.parse(given, cwd);
      if (parsed instanceof Refused) return parsed;
      try {
        parseTablePatterns(parsed);
        return parsed;
      } catch (error) {
        return new Refused(`${reasonOf(error)};`);
      }
    },
  };
}

/** The name of one table. */
export function tableName(): ValueType<TableName> {
  return {
    name: 'table',
    accepted: 'the name of one table, schema.table; without a dot of the schema public',
    parse: (given) => parseTableName(given) ?? new Refused(),
  };
}

/** `url` with a password put into its query, where libpq looks for one too; the URL must not have one already. */
export function withPassword(url: string, password: string): string {
  return `${url}${url.includes('?') ? '&' : '?'}password=${encodeURIComponent(password)}`;
}

/** True when the URL holds the password itself. */
export function hasPassword(url: string): boolean {
  return parseConnectionUrl(url, {}).settings.password !== null;
}

/** Every secret of the URL, decoded and as it is written there. */
export function secretsIn(url: string): string[] {
  const { settings } = parseConnectionUrl(url, {});
  const written = [/^[a-z]+:\/\/[^:@/?]*:([^@/?]*)@/i, /[?&]password=([^&]*)/, /[?&]sslpassword=([^&]*)/].map(
    (form) => form.exec(url)?.[1],
  );
  return [settings.password, settings.ssl.keyPassword, ...written].filter((secret) => secret !== null && secret !== undefined);
}

/** What the URL names openly: user, database, hosts. */
export function namesIn(url: string): string[] {
  const { user, database, servers } = parseConnectionUrl(url, {}).settings;
  return [user, database, ...servers.map(({ host }) => host)];
}

/** The sentence behind the colon, without its full stop. */
function reasonOf(error: unknown): string {
  if (!(error instanceof MillraceError)) throw error;
  return error.message.replace(/^[^:]*: /, '').replace(/\.$/, '');
}

/** A password with an unencoded `/`, `?` or `&` shows up as a host, a port or a parameter: what is quoted of the URL is hidden. */
function withoutQuotes(reason: string): string {
  return reason.replace(/`([^`]*)`/g, (quoted, inner: string) => (HARMLESS.test(inner) ? quoted : '(hidden)'));
}
