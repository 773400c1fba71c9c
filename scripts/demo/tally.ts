import type { Arrival } from './reader.ts';

/** What the demo looks at in a message. */
interface Message {
  readonly table: string;
  readonly type: string;
  readonly data: { readonly id?: number; readonly version?: number };
}

/** Everything that came out of Kafka, by what the demo wants to know of it. */
export class Tally {
  /** Values since `takeValues` was last called, in the order of arrival. */
  private values: string[] = [];
  /** Arrival of the first message of an order, by id. */
  readonly firstSeenMs = new Map<number, number>();
  /** Messages of the table `orders`. */
  orders = 0;
  /** Orders whose version did not follow the last one seen, with an example. */
  outOfOrder = 0;
  example = '';
  private readonly versions = new Map<number, number>();
  private keepsValues = true;

  take(arrival: Arrival): void {
    const message = JSON.parse(arrival.value) as Message;
    if (this.keepsValues) this.values.push(arrival.value);
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

  /** How many values `takeValues` would give. */
  get valueCount(): number {
    return this.values.length;
  }

  /** The values that came since the last call. */
  takeValues(): readonly string[] {
    return this.values.splice(0);
  }

  /** The tour is over: no more values are kept. */
  forgetValues(): void {
    this.keepsValues = false;
    this.values = [];
  }
}
