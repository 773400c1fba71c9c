/** What is asked of a capture beside its stream. Both kinds may come twice: an id that is known, or over, changes nothing. */
export type ReadOrder =
  | {
      readonly kind: 'read-table';
      /** Chosen by who orders; names the read from then on. */
      readonly id: string;
      /** `schema.table`, as the catalogue spells it. */
      readonly table: string;
      /** SQL for which the rows that are wanted hold; null for all. */
      readonly where: string | null;
    }
  | { readonly kind: 'cancel-read'; readonly id: string };

/**
 *   waiting ──► reading ──► done
 *      └───────────┴──────► cancelled, failed
 */
export type ReadState = 'waiting' | 'reading' | 'done' | 'cancelled' | 'failed';
