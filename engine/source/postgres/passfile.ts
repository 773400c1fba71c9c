import { readFile, stat } from 'node:fs/promises';
import type { ServerAddress } from '../url-parts.ts';

const SOCKET_DIRECTORIES = ['/tmp', '/var/run/postgresql', '/run/postgresql'];

export interface PasswordSearch {
  readonly file: string;
  readonly server: ServerAddress;
  readonly database: string;
  readonly user: string;
  readonly replication: boolean;
  readonly warn: (message: string) => void;
}

/**
 * The password of the first matching line of a libpq password file (`host:port:database:user:password`), or null.
 * A file that others can read is not used, as libpq does it, and says so. A replication connection matches the database `replication`
 * or, since ours are bound to a database, its name.
 */
export async function findPassword(search: PasswordSearch): Promise<string | null> {
  const info = await stat(search.file).catch(() => null);
  if (info === null || !info.isFile()) return null;
  if ((info.mode & 0o077) !== 0) {
    search.warn(`The password file ${search.file} is not used, because group or others have access to it: chmod 0600 ${search.file}`);
    return null;
  }
  for (const line of (await readFile(search.file, 'utf8')).split(/\r?\n/)) {
    const password = passwordIn(line, search);
    if (password !== null) return password;
  }
  return null;
}

function passwordIn(line: string, search: PasswordSearch): string | null {
  if (line.startsWith('#')) return null;
  const fields = splitFields(line);
  if (fields.length < 5) return null;
  const [host, port, database, user] = fields;
  const hosts = [search.server.host];
  // libpq looks up its default socket directory, which differs by distribution, as localhost.
  if (SOCKET_DIRECTORIES.includes(search.server.host)) hosts.push('localhost');
  const databases = search.replication ? [search.database, 'replication'] : [search.database];
  const matches =
    fits(host!, hosts) && fits(port!, [String(search.server.port)]) && fits(database!, databases) && fits(user!, [search.user]);
  return matches ? fields[4]! : null;
}

function fits(field: string, values: readonly string[]): boolean {
  return field === '*' || values.includes(field);
}

/** Fields end at `:`; `\:` and `\\` stand for the character itself. */
function splitFields(line: string): string[] {
  const fields = [''];
  for (let i = 0; i < line.length; i++) {
    const character = line[i]!;
    if (character === ':') fields.push('');
    else if (character === '\\' && i + 1 < line.length) fields[fields.length - 1] += line[++i]!;
    else fields[fields.length - 1] += character;
  }
  return fields;
}
