import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Child } from './child.ts';
import { removeNow } from './cleanup.ts';
import type { KafkaListener } from './kafka-properties.ts';
import { freePort } from './ports.ts';
import { run } from './run.ts';
import { tempDir } from './temp.ts';
import { until } from './wait.ts';

export const REALM = 'TEST.LOCAL';

/** A Kerberos realm of its own: MIT's KDC with the principal of a broker on localhost. */
export class Kdc {
  /** krb5.conf for clients of the realm. */
  readonly config: string;
  private readonly directory: string;
  private readonly env: Readonly<Record<string, string>>;
  private readonly child: Child;

  private constructor(directory: string, env: Readonly<Record<string, string>>, child: Child) {
    this.directory = directory;
    this.config = join(directory, 'krb5.conf');
    this.env = env;
    this.child = child;
  }

  static async start(): Promise<Kdc> {
    const directory = tempDir(undefined, 'millrace-kdc-');
    const port = await freePort();
    const env = { KRB5_CONFIG: join(directory, 'krb5.conf'), KRB5_KDC_PROFILE: join(directory, 'kdc.conf') };
    writeFileSync(env.KRB5_CONFIG, clientConfiguration(port));
    writeFileSync(env.KRB5_KDC_PROFILE, serverConfiguration(directory, port));
    await run('kdb5_util', ['create', '-s', '-r', REALM, '-P', 'master-of-test'], { env });
    const log = join(directory, 'log');
    const child = new Child('krb5kdc', ['-n', '-P', join(directory, 'pid')], { log, env });
    const kdc = new Kdc(directory, env, child);
    await kdc.keytab('kafka/localhost');
    const keytab = await kdc.keytab('ready');
    const ask = () => run('kinit', ['-k', '-t', keytab, '-c', join(directory, 'ready-tickets'), 'ready'], { env });
    await until(async () => (await ask()) === '', { what: () => `the KDC to answer:\n${child.logTail()}` });
    return kdc;
  }

  /** Gives a principal a new random key, and returns a keytab with it; older ones are of no use any more. */
  async keytab(principal: string): Promise<string> {
    const file = join(this.directory, `${principal.replace('/', '-')}-${process.hrtime.bigint()}.keytab`);
    const { env } = this;
    await run('kadmin.local', ['-q', `addprinc -randkey ${principal}`], { env });
    await run('kadmin.local', ['-q', `ktadd -k ${file} ${principal}`], { env });
    return file;
  }

  /** A listener of Kafka for this realm; its JVM needs `jvmOption`. */
  async listener(): Promise<KafkaListener> {
    const keytab = await this.keytab('kafka/localhost');
    const login = 'com.sun.security.auth.module.Krb5LoginModule required useKeyTab=true storeKey=true';
    return {
      protocol: 'SASL_PLAINTEXT',
      mechanisms: ['GSSAPI'],
      host: 'localhost',
      settings: {
        'sasl.kerberos.service.name': 'kafka',
        'gssapi.sasl.jaas.config': `${login} keyTab="${keytab}" principal="kafka/localhost@${REALM}";`,
      },
    };
  }

  get jvmOption(): string {
    return `-Djava.security.krb5.conf=${this.config}`;
  }

  async stop(): Promise<void> {
    await this.child.wait('SIGTERM', 10_000);
    removeNow(this.directory);
  }
}

/** `rdns` and canonical names would ask a name server; TCP needs no retries. */
function clientConfiguration(port: number): string {
  return `[libdefaults]
 default_realm = ${REALM}
 dns_lookup_kdc = false
 dns_lookup_realm = false
 dns_canonicalize_hostname = false
 rdns = false
 udp_preference_limit = 1
[realms]
 ${REALM} = {
  kdc = 127.0.0.1:${port}
 }
[domain_realm]
 localhost = ${REALM}
`;
}

function serverConfiguration(directory: string, port: number): string {
  return `[kdcdefaults]
 kdc_listen = 127.0.0.1:${port}
 kdc_tcp_listen = 127.0.0.1:${port}
[realms]
 ${REALM} = {
  database_name = ${join(directory, 'principal')}
  key_stash_file = ${join(directory, 'stash')}
  acl_file = ${join(directory, 'acl')}
  supported_enctypes = aes256-cts:normal
  master_key_type = aes256-cts
  max_life = 10h
 }
`;
}
