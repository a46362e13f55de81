import assert from 'node:assert/strict';
import { createWriteStream, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { test, type TestContext } from 'node:test';
import { ZipFile } from 'yazl';
import { listPackages } from './list-packages.ts';
import { purl } from './package.ts';

function folderWith(context: TestContext, files: Readonly<Record<string, string | Buffer>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'mayfly-packages-'));
  context.after(() => rmSync(folder, { recursive: true }));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

/** As Go's linker lays it out: magic, size of pointers, flags, two texts with their lengths. */
function goProgram(version: string, modules: string): Buffer {
  const head = Buffer.alloc(32);
  head.set([0xff, ...Buffer.from(' Go buildinf:'), 8, 2]);
  const text = (content: Buffer): Buffer => {
    const length = content.length;
    return Buffer.concat([Buffer.from(length < 128 ? [length] : [(length & 0x7f) | 0x80, length >> 7]), content]);
  };
  const mark = Buffer.alloc(16, 0x30);
  const elf = Buffer.from([0x7f, 0x45, 0x4c, 0x46]);
  return Buffer.concat([
    elf,
    Buffer.alloc(100),
    head,
    text(Buffer.from(version)),
    text(Buffer.concat([mark, Buffer.from(modules), mark])),
    Buffer.alloc(50),
  ]);
}

test('packages of every kind are found by what their managers leave', async (context) => {
  const metadata =
    'Metadata-Version: 2.1\nName: My.Pack_Age\nVersion: 1.2rc1\nLicense-Expression: MIT\n\nName: other\n';
  const folder = folderWith(context, {
    'package.json': '{"name":"own","version":"1.0.0"}',
    'node_modules/plain/package.json': '{"name":"plain","version":"1.0.0","license":"ISC"}',
    'node_modules/plain/lib/package.json': '{"type":"module","name":"inner","version":"1.0.0"}',
    'node_modules/@scope/name/package.json': '{"name":"@scope/name","version":"2.0.0-rc.1"}',
    'node_modules/@scope/name/node_modules/plain/package.json': '{"name":"plain","version":"0.9.0"}',
    'node_modules/broken/package.json': '{',
    'my_pack_age-1.2rc1.dist-info/METADATA': metadata,
    'vendor/ruby/specifications/nokogiri-1.18.1-x86_64-linux-gnu.gemspec': 'raise',
    'vendor/ruby/specifications/aws-sdk-s3-1.2.3.gemspec': '',
    bootstrap: goProgram(
      'go1.24.1',
      `path\tmain\nmod\texample.com/me\t(devel)\t\n${'dep\texample.com/one\tv1.2.3\th1:x=\n'}dep\texample.com/two\tv0.1.0\t\n=>\texample.com/fork\tv0.2.0\th1:y=\n`,
    ),
    '.mayfly-packages.json': '[{"ecosystem":"npm","name":"bundled","version":"3.0.0"},{"ecosystem":"none"},7]',
  });
  symlinkSync('/etc/passwd', join(folder, 'node_modules/link.gemspec'));
  const zip = new ZipFile();
  zip.addBuffer(
    Buffer.from('version=33.0\ngroupId=com.google.guava\nartifactId=guava\n'),
    'META-INF/maven/com.google.guava/guava/pom.properties',
  );
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(join(folder, 'app.jar')));
  writeFileSync(join(folder, 'no.jar'), 'no zip');
  const found = await listPackages(folder);
  assert.deepEqual(found.map(purl), [
    'pkg:gem/aws-sdk-s3@1.2.3',
    'pkg:gem/nokogiri@1.18.1',
    'pkg:golang/example.com/fork@0.2.0',
    'pkg:golang/example.com/one@1.2.3',
    'pkg:golang/stdlib@1.24.1',
    'pkg:maven/com.google.guava/guava@33.0',
    'pkg:npm/%40scope/name@2.0.0-rc.1',
    'pkg:npm/bundled@3.0.0',
    'pkg:npm/plain@0.9.0',
    'pkg:npm/plain@1.0.0',
    'pkg:pypi/my-pack-age@1.2rc1',
  ]);
  assert.deepEqual(
    found.flatMap(({ license }) => license ?? []),
    ['ISC', 'MIT'],
  );
});

test('a program that is cut short, or of another language, tells nothing', async (context) => {
  const whole = goProgram('go1.24.1', 'dep\texample.com/one\tv1.2.3\n');
  const folder = folderWith(context, { cut: whole.subarray(0, 150), other: Buffer.from('\x7fELF'), empty: '' });
  assert.deepEqual(await listPackages(folder), []);
});
