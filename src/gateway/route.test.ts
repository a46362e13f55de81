import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { buildRouteTable } from './route.ts';

const tableOf = (...routes: string[]) =>
  buildRouteTable(
    routes.map((route) => {
      const [method = '', path = ''] = route.split(' ');
      return { method, path, target: route };
    }),
  );

const matched = (table: ReturnType<typeof tableOf>, request: string): string | undefined => {
  const [method = '', path = ''] = request.split(' ');
  return table.match(method, path)?.target;
};

test('the most specific path that has the method wins, as the documentation of HTTP APIs orders them', () => {
  const table = tableOf('ANY /{proxy+}', 'GET /pets/{proxy+}', 'GET /pets/dog/{id}', 'GET /pets/dog/1');
  assert.equal(matched(table, 'GET /pets/dog/1'), 'GET /pets/dog/1');
  assert.equal(matched(table, 'GET /pets/dog/2'), 'GET /pets/dog/{id}');
  assert.equal(matched(table, 'GET /pets/cat/1'), 'GET /pets/{proxy+}');
  assert.equal(matched(table, 'GET /other'), 'ANY /{proxy+}');
  assert.equal(matched(table, 'POST /pets/dog/1'), 'ANY /{proxy+}');
});

test('the method comes before ANY within one path, and another method is not found', () => {
  const table = tableOf('ANY /a', 'GET /a', 'GET /b');
  assert.equal(matched(table, 'GET /a'), 'GET /a');
  assert.equal(matched(table, 'PUT /a'), 'ANY /a');
  assert.equal(matched(table, 'POST /b'), undefined);
  assert.equal(matched(table, 'HEAD /b'), undefined);
});

test('a more specific path without the method gives way to a less specific one with it', () => {
  const table = tableOf('POST /users/me', 'GET /users/{id}');
  assert.deepEqual(table.match('GET', '/users/me'), {
    target: 'GET /users/{id}',
    parameters: [{ name: 'id', value: 'me' }],
  });
});

test('a literal that leads nowhere gives way to a parameter above it', () => {
  const table = tableOf('GET /a/b/c', 'GET /a/{x}/d');
  assert.deepEqual(table.match('GET', '/a/b/d')?.parameters, [{ name: 'x', value: 'b' }]);
});

test('a trailing slash is another path, and greedy takes what is left, which may be empty', () => {
  const table = tableOf('GET /a', 'GET /files/{path+}');
  assert.equal(matched(table, 'GET /a/'), undefined);
  assert.equal(matched(table, 'GET /files'), undefined);
  assert.deepEqual(table.match('GET', '/files/')?.parameters, [{ name: 'path', value: '' }]);
  assert.deepEqual(table.match('GET', '/files/a/b//c')?.parameters, [{ name: 'path', value: 'a/b//c' }]);
  assert.equal(matched(tableOf('GET /users/{id}'), 'GET /users/'), undefined);
});

test('parameters and literals are compared decoded; an encoded slash stays in its segment', () => {
  const table = tableOf('GET /caf%C3%A9/{name}', 'GET /über/{name}');
  assert.deepEqual(table.match('GET', '/caf%c3%a9/a%2Fb%20c')?.parameters, [{ name: 'name', value: 'a/b c' }]);
  assert.deepEqual(table.match('GET', '/%C3%BCber/x')?.parameters, [{ name: 'name', value: 'x' }]);
  assert.deepEqual(
    tableOf('GET /{name}').match('GET', '/%zz')?.parameters,
    [{ name: 'name', value: '%zz' }],
    'what is no escape stays',
  );
});

test('of two routes with one identity the first stands', () => {
  assert.equal(matched(tableOf('GET /a/{x}', 'GET /a/{y}'), 'GET /a/1'), 'GET /a/{x}');
});

/** The documented order, said the slow way: compare every route that matches. */
function slowMatch(routes: readonly string[], method: string, path: string): string | undefined {
  const parts = path.slice(1).split('/');
  const rank = (route: string): string | undefined => {
    const [verb = '', template = ''] = route.split(' ');
    if (verb !== method && verb !== 'ANY') return undefined;
    const segments = template === '/' ? [''] : template.slice(1).split('/');
    let key = '';
    for (const [index, segment] of segments.entries()) {
      const part = parts[index];
      if (part === undefined) return undefined;
      if (segment.endsWith('+}')) return `${key}2${verb === 'ANY' ? 1 : 0}`;
      if (segment.startsWith('{')) {
        if (part === '') return undefined;
        key += '1';
      } else if (segment === part) key += '0';
      else return undefined;
    }
    return segments.length === parts.length ? `${key}${verb === 'ANY' ? 1 : 0}` : undefined;
  };
  const ranked = routes.flatMap((route) => {
    const key = rank(route);
    return key === undefined ? [] : [{ route, key }];
  });
  return ranked.toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))[0]?.route;
}

test('the table answers what comparing every route would', () => {
  const word = fc.constantFrom('a', 'b', '');
  const segment = fc.constantFrom('a', 'b', '{x}');
  const path = fc
    .array(segment, { maxLength: 3 })
    .map((parts) => parts.map((part, index) => (part === '{x}' ? `{x${index}}` : part)));
  const route = fc
    .tuple(fc.constantFrom('GET', 'POST', 'ANY'), path, fc.boolean())
    .map(([method, parts, isGreedy]) => `${method} /${[...parts, ...(isGreedy ? ['{rest+}'] : [])].join('/')}`);
  fc.assert(
    fc.property(
      fc.uniqueArray(route, { maxLength: 12 }),
      fc.constantFrom('GET', 'POST', 'PUT'),
      fc.array(word, { maxLength: 4 }),
      (routes, method, parts) => {
        const request = `/${parts.join('/')}`;
        assert.equal(tableOf(...routes).match(method, request)?.target, slowMatch(routes, method, request));
      },
    ),
    { numRuns: 500 },
  );
});

test('any parameter value comes back as it was sent', () => {
  const table = tableOf('GET /users/{id}/{rest+}');
  fc.assert(
    fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (id, rest) => {
      const parameters = table.match('GET', `/users/${encodeURIComponent(id)}/${encodeURIComponent(rest)}`)?.parameters;
      assert.deepEqual(parameters, [
        { name: 'id', value: id },
        { name: 'rest', value: rest },
      ]);
    }),
  );
});
