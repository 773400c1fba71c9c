import { MillraceError } from '../../base/errors.ts';
import { parseStartOption, START_OPTION_HELP, type StartOption } from '../../source/mysql/start-option.ts';
import { parseTableName, parseTablePatterns, type TableName } from '../../source/tables.ts';
import { Refused, list, type ValueType } from './parse.ts';
import { addressIn } from './source-url.ts';

/** Quoted pieces of a message that cannot be part of a secret: parameters that hold none. */
const HARMLESS =
  /^(ssl|sslmode|sslcert|sslkey|sslnegotiation|channel_binding|target_session_attrs|connect_timeout|timeout|ssl-mode|ssl-ca|ssl-cert|ssl-key|socket)(=|$)/;

/** A URL of any kind of source, checked as the connection will read it. */
export function sourceUrl(): ValueType<string> {
  return {
    name: 'URL',
    accepted:
      'postgres://user:password@host:port/database, mariadb:// or mysql://user:password@host:port, special characters percent-encoded',
    parse(given) {
      try {
        addressIn(given);
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

/** Where a stream of MariaDB or MySQL without a checkpoint begins. */
export function startPosition(): ValueType<StartOption> {
  return { name: 'position', accepted: START_OPTION_HELP, parse: (given) => parseStartOption(given) ?? new Refused() };
}

/** The name of one table. */
export function tableName(): ValueType<TableName> {
  return {
    name: 'table',
    accepted: 'the name of one table, schema.table; without a dot of the schema public',
    parse: (given) => parseTableName(given) ?? new Refused(),
  };
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
