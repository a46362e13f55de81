/** Words of a command line to an exit code: 0 done, 1 it failed (or the function did), 2 the words are wrong. */
import { parseArgs } from 'node:util';
import { nearest } from '../manifest/nearest.ts';
import { UsageError, type Command, type Invoked, type Option, type World } from './command.ts';
import { commands } from './commands.ts';
import { commandHelp, overview } from './help.ts';
import { describeError, errorAsJson } from './output/errors.ts';
import { version } from './version.ts';

/** Options that every command has. */
const commonOptions: Readonly<Record<string, Option>> = {
  json: { type: 'boolean', description: 'Print JSON, and nothing else, on standard output' },
  help: { type: 'boolean', short: 'h', description: 'Show this help' },
};

export async function runCommandLine(words: readonly string[], world: World): Promise<number> {
  const wantsJson = words.includes('--json');
  try {
    return await run(words, world);
  } catch (error) {
    if (wantsJson) world.stdout.write(`${JSON.stringify(errorAsJson(error))}\n`);
    else world.stderr.write(`${describeError(error, world)}\n`);
    return error instanceof UsageError ? 2 : 1;
  }
}

async function run(words: readonly string[], world: World): Promise<number> {
  const [first, ...rest] = words;
  const isHelp = first === 'help' || words.some((word) => word === '--help' || word === '-h');
  const [name = ''] = first === 'help' ? rest.filter((word) => !helpOptions.includes(word)) : words;
  if (first === undefined || (isHelp && (name === '' || helpOptions.includes(name))))
    return tell(overview(world), words, world);
  if (first === '--version' || first === '-V' || first === 'version') {
    world.stdout.write(
      words.includes('--json') ? `${JSON.stringify({ version: version() })}\n` : `mayfly ${version()}\n`,
    );
    return 0;
  }
  const entry = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (entry === undefined) throw new UsageError(unknownCommand(name));
  const command = await entry.load();
  if (isHelp) return tell(commandHelp(command, commonOptions, world), words, world);
  return command.run(invokedWith(name, command, rest, world));
}

const helpOptions = ['--help', '-h', '--json'];

function tell(help: string, words: readonly string[], { stdout }: World): number {
  stdout.write(words.includes('--json') ? `${JSON.stringify({ help })}\n` : help);
  return 0;
}

function unknownCommand(name: string): string {
  if (name.startsWith('-'))
    return `'${name}' is not an option before a command. Write mayfly COMMAND [options]; mayfly help lists the commands.`;
  const near = nearest(name, [...Object.keys(commands), 'help']);
  return `'${name}' is not a command.${near === undefined ? '' : ` Did you mean ${near}?`} mayfly help lists them all.`;
}

function invokedWith(name: string, command: Command, words: readonly string[], world: World): Invoked {
  const options: Readonly<Record<string, Option>> = { ...command.options, ...commonOptions };
  const { tokens } = parseArgs({
    args: [...words],
    options: parseable(options),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const given = new Set<string>();
  const values = new Map<string, string[]>();
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    const option = Object.hasOwn(options, token.name) ? options[token.name] : undefined;
    if (option === undefined) throw new UsageError(unknownOption(token.rawName, name, Object.keys(options)), name);
    if (option.type === 'boolean' && token.value !== undefined)
      throw new UsageError(`${token.rawName} takes no value, and was given '${token.value}'.`, name);
    if (option.type === 'string' && token.value === undefined)
      throw new UsageError(`${token.rawName} needs a value: ${token.rawName} ${option.value ?? 'VALUE'}.`, name);
    given.add(token.name);
    if (token.value !== undefined) values.set(token.name, [...(values.get(token.name) ?? []), token.value]);
  }
  if (positionals.length < command.positionalsMin)
    throw new UsageError(`Something is missing: mayfly ${command.usage}`, name);
  if (positionals.length > command.positionalsMax) {
    throw new UsageError(
      `'${positionals[command.positionalsMax] ?? ''}' is one word too many: mayfly ${command.usage}`,
      name,
    );
  }
  const json = given.has('json');
  return {
    world,
    positionals,
    json,
    text: (option) => values.get(option)?.at(-1),
    all: (option) => values.get(option) ?? [],
    flag: (option) => given.has(option),
    answer: (value, forPeople) => {
      const text = json ? `${JSON.stringify(value)}\n` : forPeople();
      world.stdout.write(text === '' || text.endsWith('\n') ? text : `${text}\n`);
    },
  };
}

function parseable(
  options: Readonly<Record<string, Option>>,
): Record<string, { type: 'string' | 'boolean'; short?: string }> {
  return Object.fromEntries(
    Object.entries(options).map(([name, { type, short }]) => [
      name,
      { type, ...(short === undefined ? {} : { short }) },
    ]),
  );
}

function unknownOption(written: string, command: string, known: readonly string[]): string {
  const near = nearest(written.replace(/^-+/, ''), known);
  return `mayfly ${command} has no option ${written}.${near === undefined ? '' : ` Did you mean --${near}?`}`;
}
