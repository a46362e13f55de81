/** What was packed before, so that nothing is packed twice: one small file for each function, and the zip files by hash. */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BundleHash } from '../../util/ids.ts';

export type CachedPackage = {
  /** Over everything that goes in: settings, names and stamps of files. */
  fingerprint: string;
  /** Of a bundled entry: what the fingerprint must look at. */
  inputs: readonly string[];
  hash: BundleHash;
  bytes: number;
  files: number;
};

/** Raised when the same inputs would make another zip than before, or be refused. */
const formatVersion = 6;

export function fingerprintOf(parts: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify([formatVersion, parts]))
    .digest('hex');
}

export class PackageCache {
  readonly #folder: string;

  /** `folder`: `.mayfly/cache/packages` of the project. Made when first written to. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  zipPath(hash: string): string {
    return join(this.#folder, `${hash}.zip`);
  }

  /** Undefined: never packed, or its zip is gone. */
  read(functionName: string): CachedPackage | undefined {
    try {
      const entry = JSON.parse(readFileSync(this.#entryPath(functionName), 'utf8')) as CachedPackage;
      const there = statSync(this.zipPath(entry.hash), { throwIfNoEntry: false })?.size === entry.bytes;
      return there && Array.isArray(entry.inputs) ? entry : undefined;
    } catch {
      // Absent, or cut short: packing again is all it costs.
      return undefined;
    }
  }

  /** Where a zip is written before its hash is known. */
  draftPath(functionName: string): string {
    mkdirSync(this.#folder, { recursive: true });
    return join(this.#folder, `${functionName}.${process.pid}.draft`);
  }

  write(functionName: string, draft: string, entry: CachedPackage): void {
    renameSync(draft, this.zipPath(entry.hash));
    const path = this.#entryPath(functionName);
    writeFileSync(`${path}.${process.pid}.draft`, JSON.stringify(entry));
    renameSync(`${path}.${process.pid}.draft`, path);
  }

  discard(draft: string): void {
    rmSync(draft, { force: true });
  }

  /** Forgets the functions that are not among `kept`, and the zip files that no function's last packing made. */
  prune(kept: ReadonlySet<string>): void {
    const names = this.#names();
    const used = new Set<string>();
    for (const name of names.filter((each) => each.endsWith('.json'))) {
      const functionName = name.slice(0, -'.json'.length);
      const hash = kept.has(functionName) ? this.read(functionName)?.hash : undefined;
      if (hash === undefined) rmSync(join(this.#folder, name), { force: true });
      else used.add(`${hash}.zip`);
    }
    for (const name of names) {
      if (name.endsWith('.zip') && !used.has(name)) rmSync(join(this.#folder, name), { force: true });
    }
  }

  #names(): string[] {
    try {
      return readdirSync(this.#folder);
    } catch {
      return [];
    }
  }

  #entryPath(functionName: string): string {
    return join(this.#folder, `${functionName}.json`);
  }
}
