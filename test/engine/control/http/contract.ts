import assert from 'node:assert/strict';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { ask, type Answer, type Asking } from './support.ts';

interface Operation {
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { readonly schema: object }>> }>>;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** A service that is asked by its own OpenAPI document: what is not described there, or not as it is described, is a failure. */
export class Contract {
  /** `GET /live` and the others that were asked with success. */
  readonly asked = new Set<string>();
  private readonly server: { readonly url: string };
  private readonly document: Document;
  private readonly ajv = new Ajv2020({ strict: true, strictTypes: false, allErrors: true });

  private constructor(server: { readonly url: string }, document: Document) {
    this.server = server;
    this.document = document;
    this.ajv.addFormat('date-time', (text: string) => new Date(text).toISOString() === text);
  }

  static async of(server: { readonly url: string }): Promise<Contract> {
    const answer = await ask(server, '/openapi.json');
    assert.equal(answer.status, 200);
    return new Contract(server, answer.json() as unknown as Document);
  }

  /** Every operation of the document. */
  get operations(): string[] {
    return Object.entries(this.document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
  }

  /** Asks for a path of the document, with its parameters filled in, and validates the answer. */
  async ask(
    path: string,
    parameters: Readonly<Record<string, string>> = {},
    asking: Asking & { readonly query?: string } = {},
  ): Promise<Answer> {
    const method = asking.method ?? 'GET';
    const operation = this.document.paths[path]?.[method.toLowerCase()];
    assert.ok(operation, `${method} ${path} is described`);
    const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(parameters[name]!));
    const answer = await ask(this.server, `${filled}${asking.query ?? ''}`, asking);
    this.validate(operation, `${method} ${path}`, answer);
    if (answer.status < 400) this.asked.add(`${method} ${path}`);
    return answer;
  }

  private validate(operation: Operation, name: string, answer: Answer): void {
    const response = operation.responses[answer.status] ?? operation.responses[`${Math.floor(answer.status / 100)}XX`];
    assert.ok(response, `${name} is described to answer ${answer.status}`);
    const type = String(answer.headers['content-type']).replace(/;.*/, '');
    const schema = response.content?.[type]?.schema;
    assert.ok(schema, `${name} ${answer.status} is described to answer ${type}`);
    const validate = this.ajv.compile(schema);
    const body: unknown = type === 'application/json' ? JSON.parse(answer.body) : answer.body;
    assert.ok(validate(body), `${name} ${answer.status}: ${this.ajv.errorsText(validate.errors)}\n${answer.body}`);
  }
}
