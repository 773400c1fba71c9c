import type { FastifyInstance } from 'fastify';
import { millraceVersion } from '../version.ts';

/** Makes `/openapi.json` from the schemas of the routes that are added afterwards. */
export async function addOpenApi(server: FastifyInstance): Promise<void> {
  const { default: swagger } = await import('@fastify/swagger');
  await server.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Millrace',
        version: millraceVersion(),
        description:
          'Watches and steers changefeeds. A request that changes something needs the header `X-Millrace: 1`, and is granted on a loopback address ' +
          'or with a token only. Whatever is refused is answered with `error`: its code stands in docs/errors.md.',
      },
      servers: [{ url: '/' }],
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer', description: 'MILLRACE_HTTP_TOKEN, where it is set.' } } },
      security: [{ token: [] }],
    },
  });
  server.get('/openapi.json', { schema: { hide: true } }, () => server.swagger());
}
