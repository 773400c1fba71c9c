import { MillraceError } from '../base/errors.ts';
import type { TableSchema } from '../change/table-schema.ts';
import type { TablePlan } from './plan.ts';

export interface PlansOptions {
  /**
   * Makes the plan of a new table version; null when the table is not selected. A promise while the broker is asked about its topic: rows
   * of the table are refused until it is settled.
   */
  readonly planOf: (schema: TableSchema) => TablePlan | null | Promise<TablePlan>;
  /** What a promise of `planOf` rejected with. */
  readonly onError: (error: unknown) => void;
  /** A plan has come after rows were refused for want of it: `source.resume()` is due. */
  readonly onPlanned: () => void;
}

/** The plans of all table versions, and those that are still to come. */
export class Plans {
  /** By schema id; null for a table that is not selected. */
  readonly byId: (TablePlan | null)[] = [];
  private readonly options: PlansOptions;
  /** Tables whose topics are asked for, by schema id. */
  private readonly unplanned = new Map<number, TableSchema>();
  /** Schema id of the row that was refused for want of a plan, -1 when none was. */
  private awaited = -1;

  constructor(options: PlansOptions) {
    this.options = options;
  }

  /** A new version of a table. False when it is not selected. */
  add(schema: TableSchema): boolean {
    const plan = this.options.planOf(schema);
    if (plan instanceof Promise) {
      this.unplanned.set(schema.id, schema);
      plan.then((made) => this.settle(schema.id, made), this.options.onError);
      return true;
    }
    this.byId[schema.id] = plan;
    return plan !== null;
  }

  /** Whether it is known what becomes of a version's rows. */
  has(schemaId: number): boolean {
    return this.byId[schemaId] !== undefined;
  }

  /** A row without a plan was refused: its plan is told of when it comes. Throws for a version that was never announced. */
  await(schemaId: number): void {
    if (!this.unplanned.has(schemaId)) throw new MillraceError('INTERNAL', `a row names schema ${schemaId}, which was never announced`);
    this.awaited = schemaId;
  }

  /** Those of the tables that are selected, with a plan or before it. */
  schemasOf(schemaIds: readonly number[]): TableSchema[] {
    return schemaIds.map((id) => this.byId[id]?.schema ?? this.unplanned.get(id)).filter((schema) => schema !== undefined);
  }

  private settle(schemaId: number, plan: TablePlan): void {
    this.byId[schemaId] = plan;
    this.unplanned.delete(schemaId);
    if (this.awaited !== schemaId) return;
    this.awaited = -1;
    this.options.onPlanned();
  }
}
