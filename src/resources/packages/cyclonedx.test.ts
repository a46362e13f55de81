import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import type { BundleHash } from '../../util/ids.ts';
import { cycloneDx } from './cyclonedx.ts';

/** CycloneDX's own, out of its reference implementation. */
function createValidator() {
  const home = dirname(createRequire(import.meta.url).resolve('@cyclonedx/cyclonedx-library/package.json'));
  const schema = (name: string): object =>
    JSON.parse(readFileSync(join(home, 'res/schema', `${name}.SNAPSHOT.schema.json`), 'utf8')) as object;
  // Formats are those of drafts that Ajv does not have by itself.
  const ajv = new Ajv({ strict: false, validateFormats: false });
  for (const name of ['spdx', 'jsf-0.82'])
    ajv.addSchema(schema(name), `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json`);
  return ajv.compile(schema('bom-1.6'));
}

test('a bill of materials is one by CycloneDX’s own schema', () => {
  const lodash = { ecosystem: 'npm', name: 'lodash', version: '4.17.20', license: 'MIT OR Apache-2.0' } as const;
  const guava = { ecosystem: 'Maven', name: 'com.google.guava:guava', version: '33.0' } as const;
  const written = cycloneDx({
    name: 'thumbs',
    version: '3',
    bundle: 'a'.repeat(64) as BundleHash,
    createdMs: 0,
    platform: '0.1.0',
    packages: [lodash, guava, { ecosystem: 'npm', name: '@aws-sdk/client-s3', version: '3.1.0' }],
    advice: [{ id: 'GHSA-1', package: lodash, severity: 'high', summary: 'It is wrong.', fixed: '4.17.21' }],
  });
  const validate = createValidator();
  assert.ok(validate(written), JSON.stringify(validate.errors));
  assert.ok(!validate({ ...written, components: [{ type: 'library' }] }));
  const { components } = written as { components: { group?: string; name: string; purl: string }[] };
  assert.deepEqual(
    components.map(({ group, name, purl }) => [group, name, purl]),
    [
      [undefined, 'lodash', 'pkg:npm/lodash@4.17.20'],
      ['com.google.guava', 'guava', 'pkg:maven/com.google.guava/guava@33.0'],
      ['@aws-sdk', 'client-s3', 'pkg:npm/%40aws-sdk/client-s3@3.1.0'],
    ],
  );
});
