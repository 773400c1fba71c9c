import { bytesText } from '../../check/text.ts';
import { openSession } from '../../source/mysql/connection.ts';
import { readMysqlObjects, type MysqlObject } from '../../source/mysql/objects.ts';
import { parseConnectionUrl } from '../../source/mysql/url.ts';
import { readObjects, type SourceObject } from '../../source/postgres/objects.ts';
import { kindOfUrl } from '../config/source-url.ts';
import { ExitCode, type CommandContext } from './command.ts';
import { sourceUrlIn, withServer } from './slot.ts';
import { textTable } from './table.ts';

/** `millrace objects`: what `MILLRACE_TABLES` can name, how large it is, and what it lacks. */
export async function objects(argv: readonly string[], json: boolean, context: CommandContext): Promise<number> {
  const url = sourceUrlIn(argv, context);
  if (kindOfUrl(url) === 'binlog') {
    const found = await readOverSession(url, context);
    context.stdout.write(json ? jsonText(found) : tableOf(MYSQL_HEADINGS, found, mysqlCells));
  } else {
    const found = await withServer(argv, context, readObjects);
    context.stdout.write(json ? jsonText(found) : tableOf(POSTGRES_HEADINGS, found, postgresCells));
  }
  return ExitCode.ok;
}

async function readOverSession(url: string, context: CommandContext): Promise<MysqlObject[]> {
  const { settings, warnings } = parseConnectionUrl(url);
  for (const warning of warnings) context.stderr.write(`${warning}\n`);
  const session = await openSession(settings);
  try {
    return await readMysqlObjects(session);
  } finally {
    await session.close();
  }
}

function jsonText(found: readonly object[]): string {
  return `${JSON.stringify(found, null, 2)}\n`;
}

const POSTGRES_HEADINGS = ['SCHEMA', 'NAME', 'KIND', 'KEY', 'SIZE', 'ROWS', 'REPLICA IDENTITY', 'LACKS'];
const MYSQL_HEADINGS = ['DATABASE', 'NAME', 'ENGINE', 'KEY', 'SIZE', 'ROWS', 'LACKS'];

function postgresCells(object: SourceObject): string[] {
  return [
    object.schema,
    object.name,
    object.partitions === 0 ? object.kind : `${object.kind} (${object.partitions})`,
    object.key.join(', ') || '-',
    sizeOf(object),
    countOf(object.rows),
    object.replicaIdentity ?? '-',
  ];
}

function mysqlCells(object: MysqlObject): string[] {
  const { database, name, engine, key, rows } = object;
  return [database, name, engine ?? '-', key.join(', ') || '-', sizeOf(object), countOf(rows)];
}

function sizeOf({ locked, bytes }: { readonly locked: boolean; readonly bytes: number | null }): string {
  if (locked) return 'locked';
  return bytes === null ? '-' : bytesText(bytes);
}

function countOf(rows: number | null): string {
  return rows === null ? '-' : rows.toLocaleString('en-US');
}

/** What each object lacks is the last column, and what mends it stands below. */
function tableOf<T extends Pick<SourceObject, 'lacks'>>(
  headings: readonly string[],
  found: readonly T[],
  cells: (object: T) => string[],
): string {
  if (found.length === 0) return 'The role sees nothing that can be exported.\n';
  const rows = found.map((object) => [...cells(object), object.lacks.map(({ what }) => what).join('; ') || '-']);
  const table = textTable(headings, rows);
  const remedies = new Set(found.flatMap(({ lacks }) => lacks.flatMap((lack) => lack.remedies.map(({ text }) => text))));
  return remedies.size === 0 ? table : `${table}\nTo mend what they lack:\n${[...remedies].map((text) => `  ${text}\n`).join('')}`;
}
