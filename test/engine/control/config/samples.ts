/** Configuration as an exporter's documentation prints it: four blocks, each of them a file of its own there. */
export const SAMPLES = {
  connection: {
    kafka_config: {
      bootstrap_servers: 'kafka-cluster:9092',
      security_protocol: 'SASL_SSL',
      sasl_mechanism: 'PLAIN',
      sasl_username: 'your_username',
      sasl_password: 'your_password',
      ssl_config: {
        ssl_ca_location: '/path/to/ca-cert',
        ssl_certificate_location: '/path/to/client-cert',
        ssl_key_location: '/path/to/client-key',
      },
    },
  },
  zones: {
    export_config: {
      zone_id: 'Asia/Shanghai',
      timestamp_format: 'yyyy-MM-dd HH:mm:ss.SSSSSS',
      timezone_conversion: { source_timezone: 'UTC', target_timezone: 'Asia/Shanghai', preserve_original: false },
    },
  },
  messages: {
    advanced_config: {
      output_primary_keys: true,
      output_push_timestamp: true,
      kafka_key_format: 'table_primary_key',
      producer_config: {
        partition_by: 'column',
        partition_columns: ['hash'],
        partition_by_fallback: 'round_robin',
        hash_algorithm: 'murmur2',
      },
      performance_tuning: { batch_size: 1000, linger_ms: 100, compression_type: 'snappy', acks: 'all' },
    },
  },
  clients: {
    producer_config: {
      batch_size: 16_384,
      linger_ms: 5,
      compression_type: 'snappy',
      buffer_memory: 33_554_432,
      max_request_size: 1_048_576,
    },
    consumer_config: { fetch_min_bytes: 1024, fetch_max_wait_ms: 500, max_partition_fetch_bytes: 1_048_576 },
  },
} as const;

export type SampleName = keyof typeof SAMPLES;
type Tree = { readonly [key: string]: string | number | boolean | readonly string[] | Tree };

/** The three notations in which a sample may be pasted into a file. */
export const NOTATIONS: Readonly<Record<string, (sample: Tree) => string>> = {
  json: (sample) => JSON.stringify(sample, null, 2),
  yaml: (sample) => yamlLines(sample, '').join('\n'),
  toml: (sample) => tomlLines(sample, []).join('\n'),
};

function yamlLines(tree: Tree, indent: string): string[] {
  return Object.entries(tree).flatMap(([key, value]) =>
    isTree(value) ? [`${indent}${key}:`, ...yamlLines(value, `${indent}  `)] : [`${indent}${key}: ${JSON.stringify(value)}`],
  );
}

function tomlLines(tree: Tree, path: readonly string[]): string[] {
  const entries = Object.entries(tree);
  const values = entries.filter(([, value]) => !isTree(value)).map(([key, value]) => `${key} = ${JSON.stringify(value)}`);
  const heading = path.length > 0 && values.length > 0 ? [`[${path.join('.')}]`] : [];
  return [...heading, ...values, ...entries.flatMap(([key, value]) => (isTree(value) ? tomlLines(value, [...path, key]) : []))];
}

/** Each value under its keys, joined as an environment variable joins them. */
export function flattened(tree: Tree, path: readonly string[] = []): [name: string, text: string][] {
  return Object.entries(tree).flatMap(([key, value]): [string, string][] =>
    isTree(value) ? flattened(value, [...path, key]) : [[[...path, key].join('_').toUpperCase(), String(value)]],
  );
}

function isTree(value: Tree[string]): value is Tree {
  return typeof value === 'object' && !Array.isArray(value);
}
