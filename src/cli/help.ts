/** What `help` and `--help` print. */
import type { Command, Option, World } from './command.ts';
import { commands } from './commands.ts';
import { painter } from './output/paint.ts';
import { columns, wrapped } from './output/columns.ts';

export function overview(world: World): string {
  const paint = painter(world.stdout, world.environment);
  const lines = columns(Object.entries(commands).map(([name, { summary }]) => [`  ${paint('cyan', name)}`, summary]));
  return [
    `${paint('bold', 'Mayfly')}: a serverless cloud in one program.`,
    '',
    `Usage: ${paint('bold', 'mayfly COMMAND [options]')}`,
    '',
    ...lines,
    '',
    'Begin with:',
    `  ${paint('green', 'mayfly init my-app && mayfly dev my-app')}`,
    '',
    'mayfly COMMAND --help says more; --json makes each of them print JSON.',
    '',
  ].join('\n');
}

export function commandHelp(command: Command, common: Readonly<Record<string, Option>>, world: World): string {
  const paint = painter(world.stdout, world.environment);
  const options = Object.entries({ ...command.options, ...common });
  return [
    `Usage: ${paint('bold', `mayfly ${command.usage}`)}`,
    '',
    ...wrapped(command.description, Math.min(world.stdout.width ?? 100, 100)),
    '',
    'Options:',
    ...columns(options.map(([name, option]) => [`  ${paint('cyan', spelled(name, option))}`, option.description])),
    '',
    'Example:',
    ...command.examples.map((example) => `  ${paint('green', example)}`),
    '',
  ].join('\n');
}

function spelled(name: string, option: Option): string {
  return `${option.short === undefined ? '' : `-${option.short}, `}--${name}${option.value === undefined ? '' : ` ${option.value}`}`;
}
