import type { EpochTable } from './epochs.ts';

/** A part of the delivery table for units: their slots begin here. */
export interface UnitTable extends EpochTable {
  readonly firstSlot: number;
}

/** How stream and units share the delivery table, of which both count their messages in at the same time: half each. */
export function splitSlots(table: EpochTable): { readonly stream: EpochTable; readonly units: UnitTable } {
  const firstSlot = table.slots / 2;
  return { stream: { ...table, slots: firstSlot }, units: { ...table, firstSlot } };
}
