import type { FastifyInstance } from 'fastify';
import { readFileSync } from 'node:fs';

/** The page's files lie beside the sources: they are served as they are, without a step that builds them. */
const FOLDER = new URL('../../../../engine/control/http/page/', import.meta.url);

/** Paths of the page and what they are. They hold no data, so they need no token: the page asks for it. */
export const PAGE_FILES: Readonly<Record<string, readonly [file: string, type: string]>> = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  '/page.css': ['page.css', 'text/css; charset=utf-8'],
  '/page.js': ['page.js', 'text/javascript; charset=utf-8'],
  '/plot.js': ['plot.js', 'text/javascript; charset=utf-8'],
  '/show.js': ['show.js', 'text/javascript; charset=utf-8'],
};

/** The browser is told to load nothing from anywhere else, to run nothing that stands in the page, and to show it in no frame. */
const HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-cache',
};

/** The status page at `/`; it only reads. */
export function addPage(server: FastifyInstance): void {
  for (const [path, [file, type]] of Object.entries(PAGE_FILES)) {
    server.get(path, { schema: { hide: true } }, (_request, reply) =>
      reply
        .headers(HEADERS)
        .type(type)
        .send(readFileSync(new URL(file, FOLDER), 'utf8')),
    );
  }
}
