/** The guide on extensions, followed to the letter: its files written, its commands run, and what it promises looked for. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { eventually } from '../harness/eventually.ts';
import { startMayfly, type StartedMayfly } from '../harness/start-mayfly.ts';

const run = promisify(execFile);
const guide = join(import.meta.dirname, '../../docs/guides/extensions.md');

type Line = { text: string; origin: string };

let mayfly: StartedMayfly;
let folder: string;

before(async () => {
  mayfly = await startMayfly();
  folder = await mkdtemp(join(tmpdir(), 'mayfly-guide-'));
});

after(async () => {
  await rm(folder, { recursive: true });
  await mayfly[Symbol.asyncDispose]();
});

const linesOf = async (name: string): Promise<Line[]> => ((await mayfly.json('logs', name)) as { lines: Line[] }).lines;

/** What `mayfly env` defines for commands that do not read the variable. */
const withEndpoint = 'aws() { command aws --endpoint-url "$AWS_ENDPOINT_URL" "$@"; }\n';

/** Whether the command takes the option; it looks at its words before it sends anything. */
async function knowsLoggingConfig(): Promise<boolean> {
  const words = ['--function-name', 'x', '--role', 'x', '--logging-config', 'LogFormat=JSON'];
  const said = await run('aws', ['--endpoint-url', mayfly.api, 'lambda', 'create-function', ...words], {
    env: mayfly.awsEnvironment,
  }).catch((error: Error) => error);
  return !(said instanceof Error && said.message.includes('Unknown options'));
}

test('the guide on extensions holds', { timeout: 280_000 }, async (t) => {
  if (!(await knowsLoggingConfig())) return t.skip('the aws command here is older than its option --logging-config');
  const text = await readFile(guide, 'utf8');
  const commands: string[] = [];
  for (const [, language = '', file, body = ''] of text.matchAll(/^```(\w+)(?: file=(\S+))?\n([\s\S]*?)^```$/gm)) {
    if (language === 'sh') commands.push(body);
    if (file === undefined) continue;
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), body);
  }
  assert.equal(commands.length, 3);
  const answers: string[] = [];
  for (const command of commands) {
    await run('bash', ['-euo', 'pipefail', '-c', withEndpoint + command], { cwd: folder, env: mayfly.awsEnvironment });
    answers.push(await readFile(join(folder, 'answer.json'), 'utf8'));
  }
  assert.equal(answers[0], '"hello Ada"');
  assert.match(answers[2] ?? '', /^"[01] calls so far"$/);
  const of = (lines: readonly Line[], origin: string): string[] =>
    lines.filter((line) => line.origin === origin).map((line) => line.text);
  const lines = await eventually('what the extension says at the end', 60_000, async () => {
    const found = await linesOf('greeter');
    return of(found, 'extension').length > 0 ? found : undefined;
  });
  assert.match(of(lines, 'extension').join('\n'), /^1 calls, \d+\.\d ms \(spindown\)$/);
  const records = of(lines, 'platform').map((line) => JSON.parse(line) as { type: string; record: { name?: string } });
  assert.deepEqual(
    records.map(({ type }) => type),
    ['platform.extension', 'platform.start', 'platform.report'],
  );
  assert.equal(records[0]?.record.name, 'adder');
});
