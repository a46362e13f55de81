/** What the documents say of the repository is so: links lead somewhere, indexes are whole, and what is named exists. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { commands } from '../src/cli/commands.ts';
import description from '../package.json' with { type: 'json' };

const root = join(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

const documents = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((path) => path !== '' && existsSync(join(root, path)));

/** Without code, in which brackets are no links. */
const prose = (path: string): string => read(path).replaceAll(/```[\s\S]*?```|`[^`\n]*`/g, 'code');

const linksOf = (path: string): string[] =>
  [...prose(path).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);

/** As GitHub makes them of headings. */
const anchorsOf = (path: string): string[] =>
  [...read(path).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  );

test('there are documents, and every link inside the repository leads somewhere', () => {
  assert.ok(documents.includes('README.md') && documents.length > 20, documents.join(', '));
  const broken = documents.flatMap((from) =>
    linksOf(from)
      .filter((target) => !/^[a-z]+:/.test(target))
      .filter((target) => {
        const [path = '', anchor] = target.split('#');
        const to = path === '' ? from : normalize(join(dirname(from), path));
        if (to.startsWith('..') || !existsSync(join(root, to))) return true;
        return anchor !== undefined && !anchorsOf(to).includes(anchor);
      })
      .map((target) => `${from}: ${target}`),
  );
  assert.deepEqual(broken, []);
});

for (const folder of ['docs/decisions', 'docs/reference']) {
  test(`the index of ${folder} lists all that is there, once`, () => {
    const listed = linksOf(`${folder}/README.md`).filter((target) => !target.includes('/'));
    const there = readdirSync(join(root, folder)).filter((name) => name !== 'README.md');
    assert.deepEqual(listed.toSorted(), there.toSorted());
  });
}

test('every dependency has its line of decision', () => {
  const decisions = readdirSync(join(root, 'docs/decisions'))
    .filter((name) => /^\d{3}-.*\.md$/.test(name))
    .map((name) => read(`docs/decisions/${name}`))
    .join('\n');
  // Node.js itself comes by several names: the packages that they are aliases of are those that are decided on.
  const nodes = Object.values(description.optionalDependencies).map((alias) => /^npm:(.+)@/.exec(alias)?.[1] ?? alias);
  const names = [
    ...Object.keys(description.dependencies),
    ...Object.keys(description.devDependencies),
    ...new Set(nodes),
  ];
  assert.ok(names.length > 15);
  assert.deepEqual(
    names.filter((name) => !new RegExp(`(?<![\\w.@/-])${name}(?![\\w-])`).test(decisions)),
    [],
  );
});

test('the map of ARCHITECTURE.md is that of src, and the ways through it lead through files that exist', () => {
  const map = read('ARCHITECTURE.md');
  const folders = readdirSync(join(root, 'src'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
  const rows = [...map.matchAll(/^\| `([a-z]+)\/` \|/gm)].map(([, name = '']) => name);
  assert.deepEqual(rows, folders.toSorted());
  const named = [...map.matchAll(/`([a-z0-9-]+(?:\/[a-z0-9-]*)+|[a-z-]+\.ts)`/g)].map(([, path = '']) => path);
  const missing = named.filter((path) => {
    const candidates = [
      path,
      `src/${path}`,
      `src/${path}.ts`,
      `src/sandbox/${path}`,
      `src/store/${path}`,
      `src/aws/${path}`,
    ];
    return !candidates.some((candidate) => existsSync(join(root, candidate)));
  });
  assert.ok(named.length > 25);
  assert.deepEqual(missing, []);
});

test('commands, scripts and files that documents name exist', () => {
  const wrong = documents.flatMap((from) => {
    const inCode = [...read(from).matchAll(/```[\s\S]*?```|`[^`\n]*`/g)].map(([code]) => code).join('\n');
    const scripts = [...inCode.matchAll(/npm run ([a-z]+)/g)].map(([, name = '']) => name);
    const words = [...inCode.matchAll(/(?:^|[`$;|&] *)mayfly ([a-z-]+)/gm)].map(([, name = '']) => name);
    // What guides make is not there yet, and a user's project has a src of its own.
    const paths = from.startsWith('docs/guides/')
      ? []
      : inCode.split(/[\s`;(]/).filter((word) => /^[A-Za-z0-9_./-]+$/.test(word));
    const files = paths.filter((path) => /^(bin|scripts|docs|bench|examples|test)\/.|^src\/[a-z]+\/./.test(path));
    return [
      ...scripts.filter((name) => !(name in description.scripts)).map((name) => `${from}: npm run ${name}`),
      ...words.filter((name) => name !== 'help' && !(name in commands)).map((name) => `${from}: mayfly ${name}`),
      ...files.filter((path) => !existsSync(join(root, path))).map((path) => `${from}: ${path}`),
    ];
  });
  assert.deepEqual(wrong, []);
});
