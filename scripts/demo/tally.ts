import type { Arrival } from './reader.ts';

/** What the demo looks at in a message. */
interface Message {
  readonly table: string;
  readonly type: string;
  readonly xid: number;
  readonly data: { readonly id?: number; readonly version?: number };
}

/** Everything that came out of Kafka, by what the demo wants to know of it. */
export class Tally {
  /** Values by transaction, in the order of arrival. */
  readonly byXid = new Map<number, string[]>();
  /** Arrival of the first message of an order, by id. */
  readonly firstSeenMs = new Map<number, number>();
  /** Messages of the table `orders`. */
  orders = 0;
  /** Orders whose version did not follow the last one seen, with an example. */
  outOfOrder = 0;
  example = '';
  private readonly versions = new Map<number, number>();
  private keepsTransactions = true;

  take(arrival: Arrival): void {
    const message = JSON.parse(arrival.value) as Message;
    if (this.keepsTransactions) this.remember(message.xid, arrival.value);
    if (!message.table.endsWith('orders')) return;
    this.orders += 1;
    const { id, version } = message.data;
    if (id === undefined || version === undefined) return;
    const last = this.versions.get(id);
    if (last === undefined) this.firstSeenMs.set(id, arrival.atMs);
    const isNext =
      last === undefined ? version === 0 : version === last + 1 || (version === last && message.type === 'update' && version === 0);
    if (!isNext) {
      this.outOfOrder += 1;
      this.example = `order ${id}: version ${version} after ${last ?? 'none'} at ${arrival.partition}:${arrival.offset}`;
    }
    this.versions.set(id, version);
  }

  /** Versions of the orders with ids from `first` on, summed: each update adds one. */
  versionsFrom(first: number): { readonly orders: number; readonly updates: number } {
    let orders = 0;
    let updates = 0;
    for (const [id, version] of this.versions) {
      if (id < first) continue;
      orders += 1;
      updates += version;
    }
    return { orders, updates };
  }

  /** The tour is over: no more values are kept. */
  forgetTransactions(): void {
    this.keepsTransactions = false;
    this.byXid.clear();
  }

  private remember(xid: number, value: string): void {
    const values = this.byXid.get(xid);
    if (values === undefined) this.byXid.set(xid, [value]);
    else values.push(value);
  }
}
