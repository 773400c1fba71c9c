import { jsonString } from '../change/json/constant.ts';
import type { RowStyle } from '../change/json/object.ts';
import { Template } from '../change/json/template.ts';
import type { TableSchema } from '../change/table-schema.ts';

/** The row as an object of which only the key is known, columns in the table's order: the others are null, or left out. */
export function keyRowTemplate(schema: TableSchema, style: RowStyle, others: 'null' | 'none'): Template {
  const columns: number[] = [];
  const constants: Buffer[] = [];
  let constant: Uint8Array[] = [];
  let separator = '{';
  for (const [i, { name }] of schema.columns.entries()) {
    const isKey = schema.keyColumns.includes(i);
    if (style.isExcluded(name) || (!isKey && others === 'none')) continue;
    constant.push(Buffer.from(separator), jsonString(style.nameOf(name)), Buffer.from(isKey ? ':' : ':null'));
    separator = ',';
    if (!isKey) continue;
    constants.push(Buffer.concat(constant));
    columns.push(i);
    constant = [];
  }
  constants.push(Buffer.concat([...constant, Buffer.from(separator === '{' ? '{}' : '}')]));
  return new Template(schema, columns, constants, 'error', style.values);
}
