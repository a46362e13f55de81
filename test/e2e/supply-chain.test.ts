/** What functions are made of, on the whole platform: told at deploy, kept with each version, matched with advisories. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { LambdaClient, UpdateFunctionCodeCommand } from '@aws-sdk/client-lambda';
import { startMayfly, type StartedMayfly } from '../harness/start-mayfly.ts';

type Sbom = { specVersion: string; components: { purl: string }[]; vulnerabilities: { id: string }[] };
type Deployed = { packages: { function: string; version: string; packages: number; advisories: { id: string }[] }[] };
type Findings = { findings: { severity: string; kind: string; subject: string }[] };

/** One file, `a.txt`. */
const smallZip =
  'UEsDBBQAAAAAAG+1dV1DvrfoAQAAAAEAAAAFAAAAYS50eHRhUEsBAhQDFAAAAAAAb7V1XUO+t+gBAAAAAQAAAAUAAAAAAAAAAAAAAIABAAAAAGEudHh0UEsFBgAAAAABAAEAMwAAACQAAAAAAA==';

let mayfly: StartedMayfly;
const project = mkdtempSync(join(tmpdir(), 'mayfly-supply-'));

function write(files: Readonly<Record<string, string>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(project, path)), { recursive: true });
    writeFileSync(join(project, path), content);
  }
}

const advisory = (id: string, ecosystem: string, name: string, fixed: string): object => ({
  id,
  summary: `${name} does too much`,
  database_specific: { severity: 'CRITICAL' },
  affected: [{ package: { ecosystem, name }, ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }, { fixed }] }] }],
});

before(async () => {
  write({
    'mayfly.yaml':
      'application: shop\nfunctions:\n  typed: { handler: typed.handler, runtime: nodejs }\n  snake: { handler: snake.handler, runtime: python }\n',
    'typed.ts': "import { pad } from 'padder';\nexport const handler = async (): Promise<string> => pad('a');\n",
    'node_modules/padder/package.json':
      '{"name":"padder","version":"1.0.0","license":"MIT","main":"index.js","types":"index.d.ts"}',
    'node_modules/padder/index.js': 'exports.pad = (text) => text.padStart(3);\n',
    'node_modules/padder/index.d.ts': 'export function pad(text: string): string;\n',
    'snake.py': 'def handler(event, context):\n    return 1\n',
    'asp-2.0.dist-info/METADATA': 'Metadata-Version: 2.1\nName: Asp\nVersion: 2.0\n',
    'advisories/npm/one.json': JSON.stringify(advisory('TEST-1', 'npm', 'padder', '1.0.1')),
    'advisories/python.json': JSON.stringify([advisory('TEST-2', 'PyPI', 'asp', '2.0')]),
  });
  mayfly = await startMayfly();
});
after(async () => {
  await mayfly[Symbol.asyncDispose]();
  rmSync(project, { recursive: true });
});

test('a deployment tells what its functions are made of, also of what was bundled into one file', async () => {
  const { packages } = (await mayfly.json('deploy', project, '--no-check')) as Deployed;
  assert.deepEqual(
    new Map(packages.map(({ function: name, packages: number, advisories }) => [name, [number, advisories]])),
    new Map([
      ['typed', [1, []]],
      ['snake', [1, []]],
    ]),
  );
  const sbom = (await mayfly.json('sbom', 'typed')) as Sbom;
  assert.deepEqual([sbom.specVersion, sbom.components.map(({ purl }) => purl)], ['1.6', ['pkg:npm/padder@1.0.0']]);
  assert.equal(((await mayfly.json('invoke', 'typed')) as { payload: unknown }).payload, '  a');
});

test('advisories of a folder are matched from then on, also after a crash; audit fails until the package is newer', async () => {
  assert.deepEqual(await mayfly.json('advisories', 'update', join(project, 'advisories')), { taken: 2 });
  mayfly = await mayfly.killAndRestart();
  const failed = await mayfly.json('audit', '--fail-on', 'critical').then(
    () => assert.fail('nothing was found'),
    (error: { code: number; stdout: string }) => error,
  );
  assert.equal(failed.code, 1);
  assert.deepEqual(
    (JSON.parse(failed.stdout) as Findings).findings.map(({ kind, subject }) => [kind, subject]),
    [['advised-package', 'function/typed']],
  );
  write({
    'node_modules/padder/package.json': '{"name":"padder","version":"1.0.1","main":"index.js"}',
    'node_modules/padder/index.js': 'exports.pad = (text) => text.padStart(4);\n',
  });
  await mayfly.json('deploy', project, '--no-check');
  assert.deepEqual(((await mayfly.json('audit', '--fail-on', 'low')) as Findings).findings, []);
  // What an older version was made of is still known.
  const before = (await mayfly.json('sbom', 'typed', '--version', '1')) as Sbom;
  assert.deepEqual(
    [before.components.map(({ purl }) => purl), before.vulnerabilities.map(({ id }) => id)],
    [['pkg:npm/padder@1.0.0'], ['TEST-1']],
  );
});

test('where signatures are asked for, unsigned code is refused by name and nothing is made, by any API; signed code runs', async (context) => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  // Not in the project: a private key there would not be deployed.
  const keys = mkdtempSync(join(tmpdir(), 'mayfly-signing-'));
  context.after(() => rmSync(keys, { recursive: true }));
  const key = join(keys, 'signing.pem');
  writeFileSync(key, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  writeFileSync(join(keys, 'signing.pub'), publicKey.export({ type: 'spki', format: 'pem' }));
  write({ 'snake.py': 'def handler(event, context):\n    return 2\n' });
  await mayfly.json('signers', 'require', join(keys, 'signing.pub'));
  mayfly = await mayfly.killAndRestart();
  await assert.rejects(mayfly.json('deploy', project, '--no-check'), ({ stdout }: { stdout: string }) =>
    /function 'snake' \([0-9a-f]{64}\) has no signature/.test(stdout),
  );
  process.env['AWS_SHARED_CREDENTIALS_FILE'] = join(mayfly.data, 'credentials');
  const lambda = new LambdaClient({ endpoint: mayfly.api, region: 'us-east-1' });
  const ZipFile = Buffer.from(smallZip, 'base64');
  await assert.rejects(
    lambda.send(new UpdateFunctionCodeCommand({ FunctionName: 'snake', ZipFile })),
    /has no signature/,
  );
  assert.equal(((await mayfly.json('invoke', 'snake')) as { payload: unknown }).payload, 1);
  await mayfly.json('deploy', project, '--no-check', '--sign', key);
  assert.equal(((await mayfly.json('invoke', 'snake')) as { payload: unknown }).payload, 2);
  // What it has already needs no signature again.
  await mayfly.json('deploy', project, '--no-check');
  await mayfly.json('rollback', 'snake');
  await mayfly.json('signers', 'off');
});
