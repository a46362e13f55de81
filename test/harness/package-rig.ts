/** Packing one function of a project that a test writes. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach } from 'node:test';
import { fromBufferPromise } from 'yauzl';
import { complaintLine } from '../../src/manifest/complaint.ts';
import type { ManifestFunction } from '../../src/manifest/manifest.ts';
import { PackageCache } from '../../src/manifest/package/package-cache.ts';
import { packageFunction, type PackedFunction } from '../../src/manifest/package/package-function.ts';
import { readManifest } from '../../src/manifest/read-manifest.ts';
import { FakeClock } from '../../src/util/fake-clock.ts';

/** Packing happens long after the files were written, unless a test says otherwise. */
export const later = new FakeClock(Date.now() + 3_600_000);

export class PackageRig {
  folder = '';

  /** Another folder, the one before gone. */
  readonly anew = (): void => {
    this.remove();
    this.folder = mkdtempSync(join(tmpdir(), 'mayfly-package-'));
  };

  readonly remove = (): void => {
    if (this.folder !== '') rmSync(this.folder, { recursive: true, force: true });
  };

  readonly write = (files: Readonly<Record<string, string>>): void => {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.folder, path)), { recursive: true });
      writeFileSync(join(this.folder, path), text);
    }
  };

  readonly pack = async (...settings: string[]): Promise<PackedFunction> => {
    const result = await this.#outcome(settings);
    if (result.status === 'wrong') throw new Error(result.complaints.map(complaintLine).join('\n'));
    return result.packed;
  };

  readonly complaintsOf = async (...settings: string[]): Promise<string[]> => {
    const result = await this.#outcome(settings);
    assert.equal(result.status, 'wrong', 'it was accepted');
    return result.status === 'wrong' ? result.complaints.map(complaintLine) : [];
  };

  #outcome(settings: string[]): ReturnType<typeof packageFunction> {
    const cache = new PackageCache(join(this.folder, '.mayfly/cache/packages'));
    return packageFunction(functionOf(...settings), { folder: this.folder, file: 'mayfly.yaml', cache, clock: later });
  }
}

/** With a folder of its own for each test of the file. */
export function packageRig(): PackageRig {
  const rig = new PackageRig();
  beforeEach(rig.anew);
  afterEach(rig.remove);
  return rig;
}

/** `settings` are lines of the function `hello`. */
export function functionOf(...settings: string[]): ManifestFunction {
  const text = ['functions:', '  hello:', ...settings.map((line) => `    ${line}`)].join('\n');
  const result = readManifest(text, {
    file: 'mayfly.yaml',
    folderName: 'shop',
    account: '000000000000',
    region: 'us-east-1',
  });
  if (result.status === 'wrong') throw new Error(result.complaints.map(complaintLine).join('\n'));
  const [fn] = result.manifest.functions;
  assert.ok(fn);
  return fn;
}

/** Path to mode and text. */
export async function contentsOf(packed: PackedFunction): Promise<Record<string, { mode: string; text: string }>> {
  const zip = await fromBufferPromise(readFileSync(packed.zipPath));
  const contents: Record<string, { mode: string; text: string }> = {};
  for await (const entry of zip.eachEntry()) {
    const text = (await buffer(await zip.openReadStreamPromise(entry))).toString();
    contents[entry.fileName] = { mode: ((entry.externalFileAttributes >>> 16) & 0o777).toString(8), text };
  }
  return contents;
}

export const python = ['runtime: python', 'handler: hello.lambda_handler'];
export const node = ['runtime: nodejs', 'handler: index.handler'];
export const helloPy = 'def lambda_handler(event, context):\n    return {}\n';
