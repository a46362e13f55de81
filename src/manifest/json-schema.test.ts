import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Ajv } from 'ajv';
import { parseDocument } from 'yaml';
import { manifestJsonSchema, manifestJsonSchemaText } from './json-schema.ts';
import { complete, refused } from './manifest-examples.ts';

const validate = new Ajv({ strict: false }).compile(manifestJsonSchema);

/** What no schema can say: rules between parts, parsers of their own, sums. */
const beyondSchema = new Set([
  'a pattern that is none',
  'a misspelt reference',
  'a reference by the name of its service',
  'a filter of CloudEvents that is no list',
  'a filter of CloudEvents that is none',
  'egress to a private range',
  'several at once in Python',
  'a key that is no path',
  'a layer twice',
  'two documents',
  "CloudFormation's tags",
  'a parameter twice',
  'a route of two functions',
  "a bucket's reserved name",
  'an hour that is none',
  'a time zone that is none',
  'a batch without time',
  'messages that come again too soon',
  'receives without dead letters',
  'a queue of its own dead letters',
  'a window of a queue that keeps an order',
  'dead letters that keep no order',
  'a large environment',
  'changes of a table that is written wrong',
  'too much time',
  'more than another provider allows',
]);

/** Undefined: no YAML, of which no schema says anything. */
function parsed(text: string): unknown {
  const document = parseDocument(text, { merge: true, logLevel: 'silent' });
  return document.errors.length > 0 || text.includes('*nothing') ? undefined : document.toJS();
}

test('the schema accepts what the reader accepts', () => {
  validate(parsed(complete));
  assert.deepEqual(validate.errors ?? [], []);
});

describe('the schema refuses what the reader refuses', () => {
  for (const [name, [text]] of Object.entries(refused)) {
    const value = parsed(text);
    if (value === undefined) continue;
    test(name, () => assert.equal(validate(value), beyondSchema.has(name)));
  }
});

test('editors learn what each key is for', () => {
  const functionFields = (
    manifestJsonSchema as {
      properties: { functions: { additionalProperties: { properties: Record<string, { description?: string }> } } };
    }
  ).properties.functions.additionalProperties.properties;
  for (const [name, { description }] of Object.entries(functionFields)) assert.ok(description, name);
});

test('the published file is what the definition says now', () => {
  const path = join(import.meta.dirname, '../../docs/reference/mayfly.schema.json');
  assert.ok(
    readFileSync(path, 'utf8') === manifestJsonSchemaText(),
    'run bin/node scripts/generate-manifest-schema.ts',
  );
});
