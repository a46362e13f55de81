/** Rules about the source itself, read from the source: layers, names, lengths, and what a file may not contain. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { dirname, join, normalize, relative } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '..');

/** Highest first: a folder imports only from folders below it (ARCHITECTURE.md says why). */
const layers = [
  'aws',
  'cli',
  'console',
  'control',
  'deliveries',
  'events',
  'gateway',
  'identity',
  'invoke',
  'manifest',
  'metering',
  'registry',
  'resources',
  'runners',
  'sandbox',
  'starts',
  'store',
  'telemetry',
  'util',
];

/** Siblings that must not know each other. */
const separated: readonly (readonly string[])[] = [
  ['store/sqlite', 'store/memory'],
  ['aws/s3', 'aws/sqs'],
  ['sandbox/process', 'sandbox/isolate', 'sandbox/wasm', 'sandbox/container'],
];

/** Type-only imports upwards that the design accepts: a port speaks of what the registry keeps. */
const acceptedTypeImports = new Set([
  'sandbox → registry',
  'runners → registry',
  'telemetry → registry',
  'store → registry',
]);

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((name) => name !== '');
const sources = files.filter((name) => name.startsWith('src/') && /\.(ts|mjs)$/.test(name));

type Import = { from: string; to: string; typeOnly: boolean };

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8');
  const found: Import[] = [];
  const pattern = /(?:^|\n)\s*(import|export)(\s+type)?\s[^;'"]*?from\s+'(\.[^']+)'|import\('(\.[^']+)'\)/g;
  for (const match of text.matchAll(pattern)) {
    const target = match[3] ?? match[4];
    if (target === undefined) continue;
    found.push({ from: file, to: normalize(join(dirname(file), target)), typeOnly: match[2] !== undefined });
  }
  return found;
}

const folderOf = (file: string): string | undefined => {
  const parts = relative('src', file).split('/');
  return parts.length > 1 ? parts[0] : undefined;
};

const imports = sources.flatMap(importsOf);

test('every folder of src/ has its place in the list of layers', () => {
  const folders = new Set(sources.map(folderOf).filter((folder) => folder !== undefined));
  assert.deepEqual(
    [...folders].filter((folder) => !layers.includes(folder)),
    [],
  );
});

test('a folder imports only from folders below it', () => {
  const wrong = imports.filter(({ from, to, typeOnly }) => {
    const upper = folderOf(from);
    const lower = folderOf(to);
    if (upper === undefined || from.endsWith('.test.ts') || upper === lower) return false;
    if (lower === undefined) return true;
    if (typeOnly && acceptedTypeImports.has(`${upper} → ${lower}`)) return false;
    return layers.indexOf(lower) < layers.indexOf(upper);
  });
  assert.deepEqual(
    wrong.map(({ from, to }) => `${from} imports ${to}`),
    [],
  );
});

test('siblings do not know each other', () => {
  const wrong = imports.filter(({ from, to }) =>
    separated.some((group) => {
      const own = group.find((folder) => from.startsWith(`src/${folder}/`));
      const other = group.find((folder) => to.startsWith(`src/${folder}/`));
      return own !== undefined && other !== undefined && own !== other;
    }),
  );
  assert.deepEqual(
    wrong.map(({ from, to }) => `${from} imports ${to}`),
    [],
  );
});

test('nothing imports the root files', () => {
  const wrong = imports.filter(
    ({ from, to }) => folderOf(to) === undefined && folderOf(from) !== undefined && !from.endsWith('.test.ts'),
  );
  assert.deepEqual(
    wrong.map(({ from, to }) => `${from} imports ${to}`),
    [],
  );
});

test('file names are lower-case words joined by hyphens, and none is a drawer', () => {
  const drawers = /(^|\/)(utils?|helpers?|types|common|misc|index|manager)\.(ts|mjs)$/;
  const wrong = sources.filter((name) => drawers.test(name) || !/^[a-z0-9/.-]+$/.test(name));
  assert.deepEqual(wrong, []);
});

test('the project speaks of itself alone', () => {
  const words = /\/work\/(main|shared)|\.library|\/tmp\/brief|registry\.npmjs\.org|deb\.debian\.org|closing note/i;
  const texts = files.filter((name) => !/\.(jpg|png|zip)$|^package-lock\.json$|^test\/tidy\.test\.ts$/.test(name));
  const wrong = texts.filter((name) => words.test(readFileSync(join(root, name), 'utf8')));
  assert.deepEqual(wrong, []);
});
