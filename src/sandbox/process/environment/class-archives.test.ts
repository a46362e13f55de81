import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ClassArchive, ClassArchives, worthArchiveUs } from './class-archives.ts';
import { CompiledPieces } from './compiled-pieces.ts';

const piecesOf = (...pieces: readonly Uint8Array[]): CompiledPieces => {
  const compiled = new CompiledPieces();
  for (const piece of pieces) assert.ok(compiled.add(piece));
  return compiled;
};

describe('archives of classes', () => {
  let folder = '';
  before(async () => (folder = await mkdtemp(join(tmpdir(), 'mayfly-archives-'))));
  after(() => rm(folder, { recursive: true }));
  const told = piecesOf(Uint8Array.of(1), Uint8Array.of(0, 1, 2), Uint8Array.of(0, 3), Uint8Array.of(1, 4));

  test('are kept in files that others may read and nobody may write, and go when they are released', async () => {
    const archives = await ClassArchives.open(join(folder, 'kept'));
    const archive = await archives.keep(told, worthArchiveUs, 100);
    assert.ok(archive instanceof ClassArchive);
    const paths = ['classes', 'pack'].map((name) => join(archive.folder, name));
    assert.deepEqual(await Promise.all(paths.map((path) => readFile(path))), [
      Buffer.from([1, 2, 3]),
      Buffer.from([4]),
    ]);
    for (const path of paths) assert.equal((await stat(path)).mode & 0o777, 0o644);
    assert.equal((await stat(archive.folder)).mode & 0o777, 0o755);
    assert.deepEqual([archive.bytes, archive.loadUs], [8, worthArchiveUs]);
    archive.release();
    await archive.removed;
    assert.equal(existsSync(archive.folder), false);
  });

  test('go with their sandbox, and those that it could not remove are gone when another begins', async () => {
    const place = join(folder, 'left');
    const killed = await ClassArchives.open(place);
    await killed.keep(told, worthArchiveUs, 100);
    assert.notDeepEqual(await readdir(place), []);
    const archives = await ClassArchives.open(place);
    assert.equal(existsSync(place), false);
    assert.ok((await archives.keep(told, worthArchiveUs, 100)) instanceof ClassArchive);
    await archives[Symbol.asyncDispose]();
    assert.equal(existsSync(place), false);
  });

  test('are refused where they spare too little, are too large, or were not told', async () => {
    const archives = await ClassArchives.open(join(folder, 'refused'));
    assert.deepEqual(await archives.keep(told, worthArchiveUs - 1_000, 100), {
      refused: 'has loaded its classes in 249 ms, which an archive would not make up for',
    });
    assert.deepEqual(await archives.keep(told, worthArchiveUs, 7), {
      refused: 'has made 8 bytes of its classes: at most 7 are kept',
    });
    for (const none of [piecesOf(), piecesOf(Uint8Array.of(1))])
      assert.deepEqual(await archives.keep(none, worthArchiveUs, 100), {
        refused: 'has not told what has become of its classes',
      });
    assert.equal(existsSync(join(folder, 'refused')), false);
  });
});
