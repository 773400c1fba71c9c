import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { KafkaListener } from './kafka-properties.ts';
import { tempDir } from './temp.ts';

const ISSUER = 'millrace-test';
const AUDIENCE = 'kafka';
const TOKEN_SECONDS = 600;

/** An OpenID provider: signs tokens, and gives them at an endpoint to a client that knows its secret. */
export class TokenIssuer {
  readonly clientId = 'millrace-client';
  /** What the endpoint accepts from now on. */
  secret: string;
  /** Tokens that the endpoint gave out. */
  given = 0;
  private readonly keySet = join(tempDir(undefined, 'millrace-issuer-'), 'jwks.json');
  private readonly server: Server;
  private key: KeyObject;

  private constructor(secret: string) {
    this.secret = secret;
    this.key = this.newKey();
    this.server = createServer((request, response) => {
      const login = Buffer.from((request.headers.authorization ?? '').replace(/^Basic /, ''), 'base64').toString();
      const isKnown = login === `${this.clientId}:${this.secret}`;
      response.writeHead(isKnown ? 200 : 401, { 'content-type': 'application/json' });
      if (!isKnown) return response.end(JSON.stringify({ error: 'invalid_client' }));
      this.given += 1;
      return response.end(JSON.stringify({ access_token: this.token(this.clientId), token_type: 'Bearer', expires_in: TOKEN_SECONDS }));
    });
  }

  static async start(secret: string): Promise<TokenIssuer> {
    const issuer = new TokenIssuer(secret);
    await new Promise<void>((resolve) => issuer.server.listen(0, '127.0.0.1', resolve));
    return issuer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/token`;
  }

  /** A listener of Kafka that takes these tokens; its JVM needs `jvmOption`. */
  get listener(): KafkaListener {
    const security = 'org.apache.kafka.common.security.oauthbearer';
    const own = 'oauthbearer.sasl';
    return {
      protocol: 'SASL_PLAINTEXT',
      mechanisms: ['OAUTHBEARER'],
      settings: {
        [`${own}.jaas.config`]: `${security}.OAuthBearerLoginModule required;`,
        [`${own}.server.callback.handler.class`]: `${security}.OAuthBearerValidatorCallbackHandler`,
        // Without it Kafka 4.1.0 believes every token, signed or not.
        'sasl.oauthbearer.jwt.validator.class': `${security}.BrokerJwtValidator`,
        [`${own}.oauthbearer.jwks.endpoint.url`]: `file://${this.keySet}`,
        [`${own}.oauthbearer.expected.audience`]: AUDIENCE,
        [`${own}.oauthbearer.expected.issuer`]: ISSUER,
      },
    };
  }

  get jvmOption(): string {
    return `-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=file://${this.keySet}`;
  }

  token(subject: string): string {
    const now = Math.floor(Date.now() / 1000);
    const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
    const claims = { iss: ISSUER, aud: AUDIENCE, sub: subject, iat: now, exp: now + TOKEN_SECONDS };
    const text = `${encode({ alg: 'RS256', typ: 'JWT', kid: 'k' })}.${encode(claims)}`;
    return `${text}.${sign('RSA-SHA256', Buffer.from(text), this.key).toString('base64url')}`;
  }

  /** Signs with another key from now on; a broker that starts again takes no older token. */
  revoke(): void {
    this.key = this.newKey();
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private newKey(): KeyObject {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const key = { ...publicKey.export({ format: 'jwk' }), kid: 'k', use: 'sig', alg: 'RS256' };
    writeFileSync(this.keySet, JSON.stringify({ keys: [key] }));
    return privateKey;
  }
}
