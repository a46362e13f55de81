import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { Deployment } from '../manifest/deployment.ts';
import { CliRig } from './cli-rig.ts';

let rig: CliRig;

beforeEach(async () => {
  rig = await new CliRig().start();
  rig.write({ 'mayfly.yaml': manifest, 'hello.py': 'def lambda_handler(event, context):\n    return {}\n' });
  rig.answers.set('POST deployments', ({ body }) => {
    const { application, functions } = JSON.parse(body.toString()) as Deployment;
    const changes = functions.map(({ name }) => ({
      what: 'function',
      name,
      action: 'created',
      detail: 'version 1, 0.5 kB',
      urls: [`http://127.0.0.1:8080/${name}`],
    }));
    return {
      json: { application, changes: [...changes, { what: 'bucket', name: 'pics', action: 'unchanged', detail: '' }] },
    };
  });
  const bundles = new Set<string>();
  rig.otherwise = ({ method, path }) => {
    if (!path.startsWith('bundles/')) return undefined;
    if (method === 'PUT') bundles.add(path);
    return bundles.has(path) ? { json: { bytes: 1, files: 1 } } : undefined;
  };
});
afterEach(() => rig[Symbol.asyncDispose]());

const manifest = `# yaml-language-server: $schema=.mayfly/mayfly.schema.json
functions:
  hello:
    runtime: python
    handler: hello.lambda_handler
    code: [hello.py]
    events: [{ http: GET /hello }, { bucket: pics }]
`;

describe('deploy', () => {
  test('sends the bundle once, then the deployment, and says what changed and where to call it', async () => {
    const ran = await rig.run(['deploy']);
    assert.match(ran.stderr, /^packing hello\npacked hello: 1 file, \d+ B\nuploading hello, \d+ B\napplying\n$/);
    assert.equal(
      ran.stdout,
      [
        'shop',
        '  + function  hello  version 1, 0.5 kB',
        '  = bucket    pics',
        '',
        '  hello  http://127.0.0.1:8080/hello',
        '',
        'Deployed in 0.0 ms: 1 created.',
        '',
      ].join('\n'),
    );
    assert.equal(ran.code, 0);
    const puts = rig.calls.filter(({ method }) => method === 'PUT');
    assert.equal(puts.length, 1);
    assert.equal(
      puts[0]?.path,
      `bundles/${createHash('sha256')
        .update(puts[0]?.body ?? '')
        .digest('hex')}`,
    );
    const [post] = rig.called('POST', 'deployments');
    const deployment = JSON.parse(post?.body.toString() ?? '') as Deployment;
    assert.equal(deployment.functions[0]?.settings.bundle, puts[0]?.path.slice('bundles/'.length));
    assert.deepEqual(deployment.buckets, [{ name: 'pics' }]);

    await rig.run(['deploy']);
    assert.equal(rig.calls.filter(({ method }) => method === 'PUT').length, 1);
  });

  test('--json prints one value, and nothing else anywhere', async () => {
    const { code, stdout, stderr } = await rig.run(['deploy', '--json']);
    assert.equal(code, 0);
    assert.equal(stderr, '');
    const value = JSON.parse(stdout) as { application: string; plan: boolean; uploaded: number; changes: unknown[] };
    assert.deepEqual([value.application, value.plan, value.uploaded, value.changes.length], ['shop', false, 1, 2]);
  });

  test('--plan asks for what would change', async () => {
    const { stdout } = await rig.run(['deploy', '--plan']);
    assert.match(stdout, /^shop \(a plan: nothing is changed\)\n/);
    assert.match(stdout, /Planned in .*: 1 created\.\n$/);
    assert.deepEqual(rig.called('POST', 'deployments')[0]?.query, { plan: '1' });
  });

  test('shows each complaint with its line, and sends nothing', async () => {
    rig.write({ 'mayfly.yaml': manifest.replace('code: [hello.py]', 'memory: 256MB\n    port: 80') });
    const { code, stdout, stderr } = await rig.run(['deploy']);
    assert.equal(code, 1);
    assert.equal(stdout, '');
    assert.equal(
      stderr,
      `mayfly.yaml:6:13 functions.hello.memory
  6 │     memory: 256MB
    │             ^
  found '256MB'; a whole number of MB from 128 to 10240, without a unit, is accepted. Write 256.

mayfly.yaml:7:5 functions.hello.port
  7 │     port: 80
    │     ^
  'port' is not a key here: there are no servers to describe; the platform makes as many environments as are needed. Remove it

mayfly: 2 complaints; nothing was deployed.
`,
    );
    assert.deepEqual(
      rig.calls.filter(({ method }) => method !== 'GET'),
      [],
    );
  });

  test('secrets that are set nowhere are told where they are named, all at once; what is set where one deploys goes along', async () => {
    const wanting = manifest
      .replace('{ bucket: pics }', '{ webhook: { path: /hook, verify: github, secret: [OLD, NEW] } }')
      .concat('    destinations: { onFailure: { url: https://example.com/failed, token: TOKEN } }\n');
    rig.write({ 'mayfly.yaml': wanting });
    const { code, stderr } = await rig.run(['deploy'], { environment: { OTHER: 'x', NEW: '' } });
    assert.equal(code, 1);
    assert.match(stderr, /^mayfly\.yaml:7:86 functions\.hello\.events\[1\]\.webhook\.secret\n/);
    assert.match(stderr, /the webhook at \/hook has no secret: OLD and NEW is set neither .* \(export OLD=…\)/);
    assert.match(stderr, /\nmayfly\.yaml:8:74 functions\.hello\.destinations\.onFailure\.token\n/);
    assert.match(stderr, /has no token: TOKEN is set neither/);
    assert.match(stderr, /mayfly: 2 complaints; nothing was deployed/);
    assert.ok(!rig.calls.some(({ method }) => method !== 'GET'));

    const deployed = await rig.run(['deploy'], { environment: { OTHER: 'x', NEW: 'n', TOKEN: 't' } });
    assert.equal(deployed.code, 0, deployed.stderr);
    const sent = rig.calls.findLast(({ method, path }) => method === 'POST' && path.startsWith('deployments'));
    const { functions } = JSON.parse(sent?.body.toString() ?? '') as Deployment;
    assert.deepEqual(functions[0]?.settings.environment, { NEW: 'n', TOKEN: 't' });
  });

  test('--json gives complaints as values', async () => {
    rig.write({ 'mayfly.yaml': manifest.replace('code: [hello.py]', 'memory: 1') });
    const { code, stdout, stderr } = await rig.run(['deploy', '--json']);
    assert.deepEqual([code, stderr], [1, '']);
    const { error } = JSON.parse(stdout) as { error: { code: string; complaints: unknown[] } };
    assert.equal(error.code, 'invalid_argument');
    assert.deepEqual(error.complaints, [
      {
        file: 'mayfly.yaml',
        line: 6,
        column: 13,
        field: 'functions.hello.memory',
        message: 'found 1; a whole number of MB from 128 to 10240, without a unit, is accepted. Write 128.',
      },
    ]);
  });

  test("a refusal of the platform's is passed on", async () => {
    rig.answers.set('POST deployments', {
      status: 409,
      json: {
        error: {
          code: 'already_exists',
          message: "function 'hello' belongs to application 'other'",
          field: 'functions.hello',
        },
      },
    });
    const { code, stderr } = await rig.run(['deploy']);
    assert.equal(code, 1);
    assert.match(stderr, /mayfly: function 'hello' belongs to application 'other'\n$/);
  });

  test('writes the schema that the manifest points editors to, and keeps its folder out of version control', async () => {
    await rig.run(['deploy']);
    assert.equal(readFileSync(join(rig.folder, '.mayfly/.gitignore'), 'utf8'), '*\n');
    assert.ok(existsSync(join(rig.folder, '.mayfly/mayfly.schema.json')));
  });

  test('on a terminal the progress is one line, which is gone at the end', async () => {
    const { stderr } = await rig.run(['deploy'], { isTty: true, environment: { NO_COLOR: '1' } });
    assert.ok(stderr.startsWith('\r\u001B[2K… packing hello\r\u001B[2K'));
    assert.ok(stderr.endsWith('\r\u001B[2K'));
    assert.ok(!stderr.includes('\n'));
  });

  test('TypeScript with type errors is not deployed, and each error shows its line; --no-check deploys it', async () => {
    rig.write({
      'mayfly.yaml': 'functions:\n  typed: { runtime: nodejs, handler: src/typed.handler }\n',
      'src/typed.ts': "import { half } from './half.ts';\nexport const handler = async () => half('four');\n",
      'src/half.ts': 'export const half = (n: number): number => n / 2;\n',
    });
    const refused = await rig.run(['deploy'], { environment: { NO_COLOR: '1' } });
    assert.equal(refused.code, 1);
    assert.ok(
      refused.stderr.includes(
        [
          'src/typed.ts:2:41 TS2345',
          "  2 │ export const handler = async () => half('four');",
          '    │                                         ^',
          "  Argument of type 'string' is not assignable to parameter of type 'number'.",
          '',
          'mayfly: 1 complaint; nothing was deployed.',
        ].join('\n'),
      ),
      refused.stderr,
    );
    assert.equal((await rig.run(['deploy', '--plan'])).code, 1);
    assert.deepEqual(rig.called('POST', 'deployments').length, 0);
    assert.equal((await rig.run(['deploy', '--no-check'])).code, 0);
    rig.write({ 'src/typed.ts': "import { half } from './half.ts';\nexport const handler = async () => half(4);\n" });
    assert.equal((await rig.run(['deploy'])).code, 0);
  });
});
