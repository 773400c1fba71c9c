import { assert } from '../base/assert.ts';
import type { RowForm } from '../change/row-form.ts';
import type { TableSchema } from '../change/table-schema.ts';

/** All that tells one version of a table from another. */
export type TableContent = Omit<TableSchema, 'id' | 'tableId' | 'version' | 'form' | 'logName'>;

/** Opaques have 16 bits for the table. */
const TABLES_MAX = 65_536;

/**
 * Gives versions of tables their numbers. The same content gets the same version again: servers repeat descriptions after a reconnect,
 * and whenever something about a table is touched.
 */
export class TableVersions {
  private readonly versionOf: (content: string) => number;
  private readonly schemas = new Map<string, TableSchema>();
  private readonly tableIds = new Map<string, number>();

  /** @param versionOf the number of the version with this content, the same in every process */
  constructor(versionOf: (content: string) => number) {
    this.versionOf = versionOf;
  }

  /**
   * The version with this content, made on its first appearance.
   * @param form null where the images of its rows are canonical: what else of a version tells it from another
   * @param logName as `TableSchema.logName`
   */
  of(content: TableContent, form: RowForm | null = null, logName: string | null = null): TableSchema {
    const fingerprint = JSON.stringify(form === null ? content : [content, form]);
    let schema = this.schemas.get(fingerprint);
    if (schema === undefined) {
      schema = Object.freeze({
        ...content,
        id: this.schemas.size + 1,
        tableId: this.tableId(content),
        version: this.versionOf(fingerprint),
        form,
        logName,
      });
      this.schemas.set(fingerprint, schema);
    }
    return schema;
  }

  /** The same version of a table where its rows have another form. */
  variant(schema: TableSchema, form: RowForm): TableSchema {
    const fingerprint = JSON.stringify([schema.id, form]);
    let variant = this.schemas.get(fingerprint);
    if (variant === undefined) {
      variant = Object.freeze({ ...schema, id: this.schemas.size + 1, form });
      this.schemas.set(fingerprint, variant);
    }
    return variant;
  }

  private tableId({ schema, table }: TableContent): number {
    const name = JSON.stringify([schema, table]);
    let id = this.tableIds.get(name);
    if (id === undefined) {
      id = this.tableIds.size;
      assert(id < TABLES_MAX, 'at most 65,536 tables in one process');
      this.tableIds.set(name, id);
    }
    return id;
  }
}
