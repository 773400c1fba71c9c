/** Command lines of Kafka's own tools, with what is known filled in. */
export interface CommandPlace {
  readonly bootstrapServers: string;
}

export function createTopicCommand({ bootstrapServers }: CommandPlace, topic: string, partitions: number, replicas: number | null): string {
  const factor = replicas === null ? '' : ` --replication-factor ${replicas}`;
  return `kafka-topics.sh --bootstrap-server ${bootstrapServers} --create --topic ${topic} --partitions ${partitions}${factor}`;
}

export function alterTopicCommand({ bootstrapServers }: CommandPlace, topic: string, name: string, value: string | number): string {
  return `kafka-configs.sh --bootstrap-server ${bootstrapServers} --alter --topic ${topic} --add-config ${name}=${value}`;
}

/** @param on `--topic NAME` or `--cluster` */
export function allowCommand({ bootstrapServers }: CommandPlace, principal: string, operations: readonly string[], on: string): string {
  const list = operations.map((operation) => `--operation ${operation}`).join(' ');
  return `kafka-acls.sh --bootstrap-server ${bootstrapServers} --add --allow-principal '${principal}' ${list} ${on}`;
}

/** Spreads the replicas of each partition over the brokers. In bash. */
export function reassignCommand(
  { bootstrapServers }: CommandPlace,
  topic: string,
  partitions: number,
  brokers: readonly number[],
  replicas: number,
): string {
  const plan = Array.from({ length: partitions }, (_, partition) => {
    const first = partition % brokers.length;
    return { topic, partition, replicas: [...brokers.slice(first), ...brokers.slice(0, first)].slice(0, replicas) };
  });
  const file = `<(echo '${JSON.stringify({ version: 1, partitions: plan })}')`;
  return `kafka-reassign-partitions.sh --bootstrap-server ${bootstrapServers} --reassignment-json-file ${file} --execute`;
}

/** Who a login is for Kafka's ACLs; a placeholder where only the broker can tell. */
export function principalOf(properties: Readonly<Record<string, string>>): string {
  const protocol = (properties['security.protocol'] ?? 'PLAINTEXT').toUpperCase();
  if (protocol === 'PLAINTEXT') return 'User:ANONYMOUS';
  if (protocol === 'SSL') return 'User:<distinguished name of the client certificate>';
  return `User:${properties['sasl.username'] ?? '<name of the login>'}`;
}
