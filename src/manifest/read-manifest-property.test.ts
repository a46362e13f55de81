/** Whatever is in the file, the answer is a manifest or complaints with places; never an exception. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { manifestJsonSchema } from './json-schema.ts';
import { complete } from './manifest-examples.ts';
import { readManifest } from './read-manifest.ts';

const context = { file: 'mayfly.yaml', folderName: 'shop', account: '000000000000', region: 'us-east-1' };
const validate = new Ajv({ strict: false }).compile(manifestJsonSchema);

function check(text: string): ReturnType<typeof readManifest> {
  const result = readManifest(text, context);
  if (result.status === 'ok') return result;
  const lines = text.split('\n');
  assert.ok(result.complaints.length > 0);
  for (const { line, column, message } of result.complaints) {
    assert.ok(line >= 1 && line <= lines.length + 1, `line ${line} of ${lines.length}`);
    assert.ok(column >= 1, `column ${column}`);
    assert.notEqual(message, '');
  }
  return result;
}

test('any text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => void check(text)),
    { numRuns: 300 },
  );
});

test('text made of the pieces of YAML', () => {
  const piece = fc.constantFrom(
    'functions',
    ':',
    ' ',
    '\n',
    '\n  ',
    '\n    ',
    '- ',
    '{',
    '}',
    '[',
    ']',
    '&a',
    '*a',
    '<<: *a',
    '!x',
    '|',
    '>',
    '"',
    "'",
    '#',
    '---',
    '...',
    '%',
    'events',
    'http',
    'GET /a',
    '~',
    '1',
    'null',
    '?',
    ',',
    '\t',
    '\r',
    '@',
    '`',
    'resources',
    'runtime: python',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => void check(pieces.join(''))),
    { numRuns: 500 },
  );
});

/** Keys that the manifest knows, among others, so that values reach the places where they are read. */
const key = fc.oneof(
  fc.constantFrom(
    'application',
    'functions',
    'resources',
    'runtime',
    'handler',
    'code',
    'memory',
    'timeout',
    'environment',
    'permissions',
    'events',
    'http',
    'url',
    'bucket',
    'schedule',
    'queue',
    'name',
    'on',
    'method',
    'path',
    'batch',
    'window',
    'buckets',
    'queues',
    'visibility',
    'deadLetter',
    'receives',
    'retries',
    'attempts',
    'age',
    'allow',
    'read',
    '__proto__',
    'constructor',
    'toString',
  ),
  fc.string({ maxLength: 8 }),
);
const leaf = fc.oneof(
  fc.constantFrom(
    'python',
    'nodejs',
    'provided',
    'GET /hello',
    'hello.handler',
    'rate(5 minutes)',
    'cron(0 12 * * ? *)',
    'jobs',
    'bucket pics',
    '10s',
    '256MB',
    true,
    false,
    null,
    0,
    1,
    128,
    1e9,
    -1,
    0.5,
  ),
  fc.string({ maxLength: 12 }),
  fc.double(),
);
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(key, tie('value'), { maxKeys: 6 }),
  ),
}));

test('any value, as YAML and as JSON; what is accepted, the published schema accepts too', () => {
  fc.assert(
    fc.property(value, (any) => {
      check(stringify(any));
      const json = JSON.stringify(any) ?? 'null';
      const result = check(json);
      if (result.status === 'ok') assert.ok(validate(JSON.parse(json)), JSON.stringify(validate.errors));
    }),
    { numRuns: 500 },
  );
});

test('a manifest with something else in one place is still answered with places', () => {
  const lines = complete.split('\n');
  fc.assert(
    fc.property(fc.nat(lines.length - 1), fc.oneof(leaf.map(String), fc.string({ maxLength: 20 })), (at, text) => {
      const line = lines[at] ?? '';
      const colon = line.indexOf(':');
      check(lines.with(at, colon < 0 ? text : `${line.slice(0, colon + 1)} ${text}`).join('\n'));
    }),
    { numRuns: 300 },
  );
});
