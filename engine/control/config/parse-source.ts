import { Refused, type ValueType } from './parse.ts';

/** A libpq URL with a database. What it holds beyond its form is read where the connection is opened. */
export function sourceUrl(): ValueType<string> {
  return {
    name: 'URL',
    accepted: 'postgres://user:password@host:port/database, special characters in it percent-encoded',
    parse(given) {
      const scheme = /^([a-z][a-z0-9+]*):\/\//i.exec(given)?.[1]?.toLowerCase();
      if (scheme === 'mysql' || scheme === 'mariadb') return new Refused(`a source of kind ${scheme} is not supported yet;`);
      if (scheme !== 'postgres' && scheme !== 'postgresql') return new Refused('the URL does not begin with postgres://;');
      if (!/^[a-z]+:\/\/[^/?#\s]*\/[^/?#\s]+(?:\?[^#\s]*)?$/i.test(given)) return new Refused('the URL names no database or is malformed;');
      return given;
    },
  };
}

/** The zone of `timestamptz` values. Zone names are case-sensitive, as Java's are. */
export function zone(): ValueType<'UTC'> {
  return {
    name: 'zone',
    accepted: 'only UTC',
    parse: (given) => (given === 'UTC' ? given : new Refused('other zones are not supported yet;')),
  };
}

/** `url` with a password put into its query, where libpq looks for one too; the URL must not have one already. */
export function withPassword(url: string, password: string): string {
  return `${url}${url.includes('?') ? '&' : '?'}password=${encodeURIComponent(password)}`;
}

/** The password inside a libpq URL, as it is written there; null when there is none. */
export function passwordIn(url: string): string | null {
  const inAuthority = /^[a-z]+:\/\/[^:@/?#]*:([^/?#]*)@/i.exec(url)?.[1];
  const inQuery = /[?&]password=([^&#]*)/i.exec(url)?.[1];
  return inAuthority ?? inQuery ?? null;
}
