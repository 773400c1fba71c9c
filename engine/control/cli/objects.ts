import { bytesText } from '../../check/text.ts';
import { readObjects, type SourceObject } from '../../source/postgres/objects.ts';
import { ExitCode, type CommandContext } from './command.ts';
import { withServer } from './slot.ts';
import { textTable } from './table.ts';

/** `millrace objects`: what `MILLRACE_TABLES` can name, how large it is, and what it lacks. */
export async function objects(argv: readonly string[], json: boolean, context: CommandContext): Promise<number> {
  const found = await withServer(argv, context, readObjects);
  context.stdout.write(json ? `${JSON.stringify(found, null, 2)}\n` : objectTable(found));
  return ExitCode.ok;
}

function objectTable(found: readonly SourceObject[]): string {
  if (found.length === 0) return 'The role sees nothing that can be exported.\n';
  const rows = found.map((object) => [
    object.schema,
    object.name,
    object.partitions === 0 ? object.kind : `${object.kind} (${object.partitions})`,
    object.key.join(', ') || '-',
    bytesText(object.bytes),
    object.rows === null ? '-' : object.rows.toLocaleString('en-US'),
    object.replicaIdentity ?? '-',
    object.lacks.map(({ what }) => what).join('; ') || '-',
  ]);
  const table = textTable(['SCHEMA', 'NAME', 'KIND', 'KEY', 'SIZE', 'ROWS', 'REPLICA IDENTITY', 'LACKS'], rows);
  const remedies = new Set(found.flatMap(({ lacks }) => lacks.flatMap((lack) => lack.remedies.map(({ text }) => text))));
  return remedies.size === 0 ? table : `${table}\nTo mend what they lack:\n${[...remedies].map((text) => `  ${text}\n`).join('')}`;
}
