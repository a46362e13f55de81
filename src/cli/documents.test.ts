/** What the documents say of commands is what the commands say of themselves. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { CliRig } from './cli-rig.ts';
import type { Command, Invoked } from './command.ts';
import { commands } from './commands.ts';

const document = (path: string): string => readFileSync(join(import.meta.dirname, '../../docs', path), 'utf8');

for (const [name, { load }] of Object.entries(commands)) {
  test(`cli.md has ${name} and all its options`, async () => {
    const row =
      document('reference/cli.md')
        .split('\n')
        .find((line) => line.startsWith(`| \`${name}`)) ?? '';
    const common = ['data'];
    const missing = Object.keys((await load()).options).filter(
      (option) => !row.includes(`--${option}`) && !common.includes(option),
    );
    assert.notEqual(row, '');
    assert.deepEqual(missing, []);
  });
}

test('the command of the guide works as it stands there', async (context) => {
  const block =
    /```ts\n([\s\S]*?)```/.exec(document('guides/adding-a-command.md'))?.[1] ?? assert.fail('there is no block');
  const folder = mkdtempSync(join(tmpdir(), 'mayfly-guide-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'uptime.ts');
  writeFileSync(file, block.replaceAll("from './", `from '${pathToFileURL(import.meta.dirname).href}/`));
  const { uptimeCommand } = (await import(pathToFileURL(file).href)) as { uptimeCommand: Command };
  await using rig = await new CliRig().start();
  rig.answers.set('GET platform', { json: { startedMs: rig.clock.now() - 120_000 } });
  let shown = '';
  const invoked = {
    world: { workingFolder: rig.folder, homeFolder: rig.home, environment: {}, clock: rig.clock },
    text: () => undefined,
    answer: (_value: unknown, forPeople: () => string) => (shown = forPeople()),
  };
  assert.equal(await uptimeCommand.run(invoked as unknown as Invoked), 0);
  assert.equal(shown, 'started 2 min ago');
});
