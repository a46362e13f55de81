/** `http: GET /users/{id}`: a route at the gateway's root. */
import { sourceLimits, type BindingSource } from '../../registry/binding.ts';
import { routeMethods } from '../../registry/route-path.ts';
import { defaulted, either, object, required } from '../shape/compound.ts';
import { choice, text } from '../shape/scalar.ts';
import { refine, type Report, type Shape } from '../shape/shape.ts';
import type { Found } from '../found.ts';

export type HttpSource = Extract<BindingSource, { kind: 'http' }>;

/**
 * What RFC 3986 lets stand in a segment (pchar), or `{name}`; `{name+}` takes the rest and comes last. No `*` and no
 * `:` in front: other routers' `/files/*` and `/users/:id` would silently match nothing.
 */
const literal = /(?!:)(?:[A-Za-z0-9._~!$&'()+,;=:@-]|%[0-9A-Fa-f]{2})+/.source;
const pathPattern = `/|(?:/(?:${literal}|\\{[A-Za-z_][A-Za-z0-9_]*\\}))*(?:/(?:${literal}|\\{[A-Za-z_][A-Za-z0-9_]*\\+?\\}))`;
const pathAccepts = 'a path such as /hello, /users/{id} or /files/{path+}';

const path = text({ pattern: new RegExp(pathPattern), accepts: pathAccepts, advise: advisePath });

function advisePath(written: string): string | undefined {
  const mended = mendPath(written);
  return mended === undefined ? undefined : `Write ${mended}.`;
}

/** What somebody who knows another router meant; undefined when there is no telling. */
function mendPath(written: string): string | undefined {
  const [withoutQuery = ''] = written
    .trim()
    .replace(/^https?:\/\/[^/]*/, '')
    .split('?');
  let mended = withoutQuery
    .replaceAll(/\/:([A-Za-z_][A-Za-z0-9_]*)/g, '/{$1}')
    .replaceAll(/<([A-Za-z_][A-Za-z0-9_]*)>|\[([A-Za-z_][A-Za-z0-9_]*)\]/g, '{$1$2}')
    .replaceAll(/\{([A-Za-z_][A-Za-z0-9_]*)\*\}/g, '{$1+}')
    .replace(/\/\*+$/, '/{path+}')
    .replaceAll(/\/{2,}/g, '/');
  if (!mended.startsWith('/')) mended = `/${mended}`;
  if (mended.length > 1) mended = mended.replace(/\/$/, '');
  return mended !== written && new RegExp(`^(?:${pathPattern})$`, 'u').test(mended) ? mended : undefined;
}

const eitherCase = [...routeMethods, ...routeMethods.map((method) => method.toLowerCase())];

const line = text({
  pattern: new RegExp(`(?:${eitherCase.join('|')}) (?:${pathPattern})`),
  accepts: `a method and a path (GET /hello; ${routeMethods.join(', ')})`,
  advise: (written) => {
    const [first = '', second = ''] = written.trim().split(/\s+/);
    const onlyPath = second === '' && first.startsWith('/');
    const method = onlyPath || first === '*' ? 'ANY' : first.toUpperCase();
    if (!routeMethods.some((known) => known === method)) return undefined;
    const target = onlyPath ? first : second === '*' || second === '' ? '/{path+}' : second;
    const mended = `${method} ${mendPath(target) ?? target}`;
    return mended === written ? undefined : `Write ${mended}.`;
  },
});

const fromLine = refine(line, (written) => {
  const [method = '', target = ''] = written.split(' ');
  return { kind: 'http', method: method.toUpperCase(), path: target } as const;
});

const fromMap = refine(
  object(
    {
      method: defaulted(
        choice({
          words: Object.fromEntries(eitherCase.map((word) => [word, word.toUpperCase()])),
          accepts: routeMethods.join(', '),
        }),
        'ANY',
        'ANY',
        'The method; ANY for all.',
      ),
      path: required(path, "Where it answers, from the gateway's root.", "path: '/hello'"),
    },
    {
      accepts: 'a map of method and path',
      hints: {
        cors: 'answer OPTIONS and the access-control headers in the function for now',
        authorizer: 'check the token in the function for now',
      },
    },
  ),
  ({ method, path: target }): HttpSource => ({ kind: 'http', method, path: target }),
);

export const httpEvent: Shape<HttpSource> = refine(either<HttpSource>({ text: fromLine, map: fromMap }), checkedPath);

function checkedPath(source: HttpSource, found: Found, report: Report): HttpSource | undefined {
  const names = [...source.path.matchAll(/\{([A-Za-z0-9_]+)\+?\}/g)].map(([, name]) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (source.path.length > sourceLimits.textLengthMax) {
    report(found, `the path has ${source.path.length} characters; at most ${sourceLimits.textLengthMax} are accepted`);
    return undefined;
  }
  if (twice === undefined) return source;
  report(found, `{${twice}} stands twice in ${source.path}; give each part of the path a name of its own`);
  return undefined;
}
