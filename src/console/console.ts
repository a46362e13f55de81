/**
 * The web console: one page, which reads the admin API like any other program of the administrator. It has no
 * endpoints of its own and changes nothing. The page itself is no secret and needs no signature; what it shows does.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HttpHandler, HttpResponse } from '../util/http.ts';

export const consolePath = '/_mayfly/console/';

/** Only what stands in the page itself may run or style it: by hash, so that nothing slipped in could. */
function contentSecurityPolicy(page: string): string {
  const hashOf = (tag: 'script' | 'style'): string => {
    const content = new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`).exec(page)?.[1] ?? '';
    return `'sha256-${createHash('sha256').update(content).digest('base64')}'`;
  };
  const rules = {
    'default-src': "'none'",
    'script-src': hashOf('script'),
    'style-src': hashOf('style'),
    'connect-src': "'self'",
    'base-uri': "'none'",
    'form-action': "'none'",
    'frame-ancestors': "'none'",
  };
  return Object.entries(rules)
    .map(([name, value]) => `${name} ${value}`)
    .join('; ');
}

/** What stands in a file of its own, by the remark in the page's script that is in its place. */
const included = ['cold-starts.js', 'explanation.js', 'mail.js'];

async function readPage(): Promise<string> {
  const read = (name: string): Promise<string> => readFile(join(import.meta.dirname, name), 'utf8');
  let page = await read('page.html');
  for (const name of included) {
    const script = await read(name);
    page = page.replace(`/* ${name} */`, () => script);
  }
  return page;
}

/** Serves `/_mayfly/console` and what is below; everything else there is not found. */
export async function createConsole(): Promise<HttpHandler> {
  const page = await readPage();
  const found: HttpResponse = {
    status: 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': contentSecurityPolicy(page),
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-cache',
    },
    body: page,
  };
  const moved: HttpResponse = { status: 308, headers: { location: consolePath } };
  const missing: HttpResponse = { status: 404, headers: { 'content-type': 'text/plain' }, body: 'Not Found' };
  return ({ method, path }) => {
    if (method !== 'GET' && method !== 'HEAD') return Promise.resolve(missing);
    if (path === consolePath) return Promise.resolve(found);
    return Promise.resolve(`${path}/` === consolePath ? moved : missing);
  };
}
