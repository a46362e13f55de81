/** What mayfly.yaml.md shows is accepted, and every key is in it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { complaintLine } from './complaint.ts';
import { manifestJsonSchema } from './json-schema.ts';
import { readManifest } from './read-manifest.ts';

const text = readFileSync(join(import.meta.dirname, '../../docs/reference/mayfly.yaml.md'), 'utf8');
const context = { file: 'mayfly.yaml.md', folderName: 'shop', account: '000000000000', region: 'us-east-1' };
const blocks = [...text.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, block = '']) => block);

test('its examples are accepted', () => {
  assert.ok(blocks.length >= 2);
  for (const block of blocks) {
    const isWhole = block.includes('\nfunctions:');
    const manifest = isWhole ? block : `functions:\n  f:\n    runtime: provided\n${block.replaceAll(/^/gm, '    ')}`;
    const result = readManifest(manifest, context);
    assert.deepEqual(result.status === 'wrong' ? result.complaints.map(complaintLine) : [], []);
  }
});

/** Every key of every object in the schema. */
function keysOf(schema: unknown): string[] {
  if (Array.isArray(schema)) return schema.flatMap(keysOf);
  if (typeof schema !== 'object' || schema === null) return [];
  const { properties, ...rest } = schema as Record<string, unknown>;
  const own = typeof properties === 'object' && properties !== null ? Object.entries(properties) : [];
  return [...own.flatMap(([name, value]) => [name, ...keysOf(value)]), ...Object.values(rest).flatMap(keysOf)];
}

test('every key is in it', () => {
  const keys = [...new Set(keysOf(manifestJsonSchema))];
  assert.ok(keys.length > 30);
  assert.deepEqual(
    keys.filter((key) => !new RegExp(`\\b${key}\\b`).test(text)),
    [],
  );
});
