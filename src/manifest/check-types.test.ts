import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { PlatformError } from '../util/errors.ts';
import { checkTypes } from './check-types.ts';

async function projectWith(context: TestContext, files: Readonly<Record<string, string>>) {
  const folder = await mkdtemp(join(tmpdir(), 'mayfly-types-'));
  context.after(() => rm(folder, { recursive: true }));
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  for (const [path, text] of Object.entries(files)) write(path, text);
  const check = (...entries: string[]) =>
    checkTypes(
      { folder, file: 'mayfly.yaml' },
      entries.map((entry) => join(folder, entry)),
    );
  return { folder, write, check };
}

const right = `import { readFileSync } from 'node:fs';
import { twice } from './twice.ts';
export const handler = async (event) => ({ name: event.name, four: twice(2), home: process.env.HOME, readFileSync });
export default { fetch: (request: Request): Response => Response.json({ url: request.url }) };
`;
const twice = 'export const twice = (n: number): number => n * 2;\n';

test('TypeScript that is right passes without a tsconfig.json and without packages, a parameter without a type included', async (context) => {
  const { check } = await projectWith(context, { 'src/a.ts': right, 'src/twice.ts': twice });
  assert.deepEqual(await check('src/a.ts'), []);
});

test('an error has file, line, column, the name of the error and all of its message, also in what is imported', async (context) => {
  const { write, check } = await projectWith(context, { 'src/a.ts': right, 'src/twice.ts': twice });
  write('src/twice.ts', "export const twice = (n: number): number => {\n  return { of: 'text', n };\n};\n");
  write('src/b.ts', `${right}export const wrong: { a: { b: number } } = { a: { b: 'text' as string } };\n`);
  write('unused.ts', 'export const wrong: number = true;\n');
  const complaints = await check('src/a.ts', 'src/b.ts');
  assert.deepEqual(complaints, [
    {
      file: 'src/b.ts',
      line: 5,
      column: 51,
      field: 'TS2322',
      message: "Type 'string' is not assignable to type 'number'.",
    },
    {
      file: 'src/twice.ts',
      line: 2,
      column: 3,
      field: 'TS2322',
      message: "Type '{ of: string; n: number; }' is not assignable to type 'number'.",
    },
  ]);
  write('src/twice.ts', twice);
  assert.deepEqual(await check('src/a.ts'), [], 'and once it is mended nothing is left of it');
});

test('the tsconfig.json nearest to an entry is honoured, with its paths and the declarations of the project', async (context) => {
  const { write, check } = await projectWith(context, {
    'tsconfig.json':
      '{ "compilerOptions": { "strict": true, "module": "nodenext", "paths": { "#own/*": ["./own/*"] } } }',
    'own/twice.ts': twice,
    'globals.d.ts': 'declare const stage: "test" | "live";\n',
    'a.ts':
      "import { twice } from '#own/twice';\nexport const handler = async (event: { n: number }) => twice(event.n) + stage;\n",
    'loose/tsconfig.json': '{ "compilerOptions": { "strict": false } }',
    'loose/b.ts': 'export const handler = (event) => { let a: string = null; return a + event; };\n',
  });
  assert.deepEqual(await check('a.ts', 'loose/b.ts'), []);
  write('a.ts', 'export const handler = (event) => event;\n');
  assert.deepEqual(
    (await check('a.ts', 'loose/b.ts')).map(({ file, field }) => [file, field]),
    [['a.ts', 'TS7006']],
  );
  write('tsconfig.json', '{ "compilerOptions": { "strict": "yes" } }');
  assert.deepEqual((await check('a.ts')).map(({ file, field }) => [file, field]).at(-1), ['tsconfig.json', 'TS5024']);
});

test('options that do not go together are shown where the tsconfig.json of the project has them', async (context) => {
  const { write, check } = await projectWith(context, {
    'a.ts': 'export const handler = async () => 1;\n',
    'tsconfig.json':
      '{\n  "compilerOptions": {\n    "strict": false,\n    "exactOptionalPropertyTypes": true\n  }\n}\n',
    'base.json': '{ "compilerOptions": { "strict": false, "exactOptionalPropertyTypes": true } }',
    'deeper/b.ts': 'export const handler = async () => 1;\n',
    'deeper/tsconfig.json': '{ "compilerOptions": { "strict": true, "baseUrl": "." } }',
  });
  const places = async (entry: string) =>
    (await check(entry)).map(({ file, line, column, field }) => [file, line, column, field]);
  assert.deepEqual(await places('a.ts'), [['tsconfig.json', 4, 5, 'TS5052']]);
  write('tsconfig.json', '{ "extends": "./base.json" }');
  assert.deepEqual(await places('a.ts'), [['tsconfig.json', 1, 1, 'TS5052']]);
  const [removed] = await check('deeper/b.ts');
  assert.deepEqual([removed?.file, removed?.line, removed?.column], ['deeper/tsconfig.json', 1, 40]);
  assert.match(removed?.message ?? '', /'baseUrl' has been removed.*"\.\/\*"/);
});

test('a tsconfig.json that writes declarations, or is one of several projects, checks as well', async (context) => {
  const { check } = await projectWith(context, {
    'base/tsconfig.json':
      '{ "compilerOptions": { "strict": true, "composite": true, "declarationMap": true, "rootDir": "../src" } }',
    'tsconfig.json':
      '{ "extends": "./base/tsconfig.json", "references": [{ "path": "./base" }], "include": ["src/other.ts"], "compilerOptions": { "declaration": true, "emitDeclarationOnly": true, "isolatedDeclarations": true, "outDir": "dist", "module": "nodenext" } }',
    'src/a.ts': 'export const handler = async (event: { n: number }): Promise<number> => event.n;\n',
    'dist/a.d.ts': 'declare const broken: number\ndeclare const broken: string\n',
  });
  assert.deepEqual(await check('src/a.ts'), []);
});

test("the project's own TypeScript is what checks it", async (context) => {
  const { folder, write, check } = await projectWith(context, { 'a.ts': 'export const handler: number = 1;\n' });
  write('node_modules/typescript/package.json', '{ "name": "typescript", "version": "5.9.2" }');
  write(
    'node_modules/typescript/bin/tsc',
    'console.log("a.ts(1,14): error TS1: said by " + __filename); process.exit(2);',
  );
  const [complaint] = await check('a.ts');
  assert.equal(complaint?.message, `said by ${join(folder, 'node_modules/typescript/bin/tsc')}`);

  write('node_modules/typescript/bin/tsc', 'console.error("no memory"); process.exit(1);');
  await assert.rejects(
    check('a.ts'),
    (error: unknown) =>
      error instanceof PlatformError &&
      /TypeScript 5\.9\.2 .* could not check the types: no memory\. --no-check/.test(error.message),
  );
  write('node_modules/typescript/package.json', '{ "name": "typescript", "version": "4.9.5" }');
  assert.deepEqual(await check('a.ts'), [], 'too old for our defaults, so ours checks what has no tsconfig.json');
});

test('of very many errors some are shown and the rest counted', async (context) => {
  const wrong = (count: number): string =>
    Array.from({ length: count }, (_, index) => `export const a${index}: number = 'text';\n`).join('');
  const { write, check } = await projectWith(context, { 'a.ts': wrong(100) });
  const complaints = await check('a.ts');
  assert.equal(complaints.length, 30);
  assert.match(complaints.at(-1)?.message ?? '', /'number'\. … and 70 more$/);
  write('a.ts', wrong(30));
  assert.match((await check('a.ts')).at(-1)?.message ?? '', /'number'\.$/);
});

test('a check that is no longer wanted ends at once', async (context) => {
  const { folder } = await projectWith(context, { 'a.ts': 'export const handler = 1;\n' });
  const checked = checkTypes({ folder, file: 'mayfly.yaml' }, [join(folder, 'a.ts')], AbortSignal.abort());
  await assert.rejects(checked, { name: 'AbortError' });
});
