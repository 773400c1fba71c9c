import { assert } from '../base/assert.ts';
import type { RowForm } from '../change/row-form.ts';
import type { Bootstrap, TableSchema } from '../change/table-schema.ts';

/** All that tells one version of a table from another. */
export type TableContent = Omit<TableSchema, 'id' | 'tableId' | 'version' | 'form' | 'logName' | 'bootstrap'>;

/** Opaques have 16 bits for the table. */
const TABLES_MAX = 65_536;

/**
 * Gives versions of tables their numbers. The same content gets the same version again: servers repeat descriptions after a reconnect,
 * and whenever something about a table is touched.
 */
export class TableVersions {
  private readonly versionOf: (content: string) => number;
  private readonly schemas = new Map<string, TableSchema>();
  /** Ids of versions as bootstraps have them, by the id of the version. */
  private readonly bootstrapIds = new Map<number, number>();
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
        id: this.nextId(),
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
      variant = Object.freeze({ ...schema, id: this.nextId(), form });
      this.schemas.set(fingerprint, variant);
    }
    return variant;
  }

  /** A version as the rows of a bootstrap have it. The next one takes its id over: tables are read one after the other. */
  ofBootstrap(schema: TableSchema, bootstrap: Bootstrap): TableSchema {
    const id = this.bootstrapIds.get(schema.id) ?? this.nextId();
    this.bootstrapIds.set(schema.id, id);
    return Object.freeze({ ...schema, id, bootstrap });
  }

  private nextId(): number {
    return this.schemas.size + this.bootstrapIds.size + 1;
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
