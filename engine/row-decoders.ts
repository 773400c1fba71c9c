import type { RowDecoders } from './change/row-form.ts';

/** The decoders of the sources that copy rows as their logs have them, by the form's name. */
export const ROW_DECODERS: RowDecoders = {};
