import type { AdvertisedBroker } from '../../native-bridge/admin.ts';
import type { NativeEvent } from '../../native-bridge/index.ts';

const CLOSED = /(\S+): Disconnected: connection closed by peer.*? in state (\w+)/;
/** What librdkafka calls a broker: its address, and behind it the number by which the cluster knows it, or `bootstrap`. */
const BROKER = /^(?:\w+:\/\/)?(\S+):(\d+)\/(\d+|bootstrap): /;

/**
 * What librdkafka reports of brokers that cannot be talked to, in words that lead on: who refused, who closed the connection and what that
 * mostly means; that nobody answered, when it reports nothing.
 */
export function silenceOf(events: readonly NativeEvent[]): string {
  const reasons = new Set(events.map(reasonBy).filter((reason) => reason !== null));
  if (reasons.size > 0) return [...reasons].join('; ');
  return 'nothing answers, not even with a refusal: a firewall may drop what is sent, or the address is that of no broker';
}

/** Brokers that the cluster told of and that cannot be reached, while what the bootstrap list names can. */
export function advertisedInVain(events: readonly NativeEvent[]): AdvertisedBroker[] {
  const named = events.flatMap((event) => (event.kind === 'error' ? [BROKER.exec(event.message) ?? []] : []));
  if (named.some(([, , , id]) => id === 'bootstrap')) return [];
  const found = named.flatMap(([, host, port, id]) => (host === undefined ? [] : [{ id: Number(id), host, port: Number(port) }]));
  return [...new Map(found.map((broker) => [broker.id, broker])).values()];
}

/** The finding, and what mends it, for brokers that are advertised and cannot be reached. `each` says which and why. */
export function listenersFinding(each: readonly string[], ids: readonly number[]): { readonly found: string; readonly remedy: string } {
  return {
    found:
      `the bootstrap list answers, and advertises what cannot be reached from here: ${each.join(', ')}. ` +
      'That is advertised.listeners of the broker',
    remedy:
      `in server.properties of broker ${ids.join(', ')}, set advertised.listeners to NAME://host:port with a host and port that this machine reaches, ` +
      'and restart it',
  };
}

/** The same text however often, and how long, it was tried. */
export function withoutTimes(message: string): string {
  return message.replace(/ \(after \d+ms in state \w+(?:, \d+ identical error\(s\) suppressed)?\)/, '');
}

function reasonBy(event: NativeEvent): string | null {
  if (event.kind === 'log') return closedBy(event.message);
  // That all brokers are down follows from what was told of each.
  if (event.kind !== 'error' || event.name === '_ALL_BROKERS_DOWN') return null;
  return `${withoutTimes(event.message)} (${event.name})`;
}

/** A listener that is spoken to in the wrong protocol says so by closing the connection, and librdkafka only logs it. */
function closedBy(line: string): string | null {
  const [, broker, state] = CLOSED.exec(line) ?? [];
  if (broker === undefined) return null;
  const meaning =
    state === 'APIVERSION_QUERY'
      ? 'as a listener does that wants TLS (MILLRACE_SECURITY_PROTOCOL=SSL or SASL_SSL)'
      : 'as a listener does that wants a login (MILLRACE_SASL_MECHANISM)';
  return `${broker} closes the connection, ${meaning}`;
}
