import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Letter } from '../events/dead-letters.ts';
import { PlatformError, messageOf } from '../util/errors.ts';
import { connect, type ControlClient } from './client.ts';
import { dataOption, UsageError, type Command, type Invoked } from './command.ts';
import { deleteLetters, getLetter, getLetterPlaces, getLetters, postRedrive } from './control-api.ts';
import { letterLines, lettersText, placesText, redrivenText } from './output/dead-letters.ts';
import { painter } from './output/paint.ts';
import { count } from './output/units.ts';

const limitMax = 1_000;

export const dlqCommand: Command = {
  usage:
    'dlq ls | show PLACE [ID] | redrive PLACE (ID… | --all) | edit PLACE ID [--payload FILE] | purge PLACE (ID… | --all)',
  description:
    "Shows where events lie that were given up (a function's own dead letters, and queues that something names as its dead-letter queue), what they are and why, and sends them on their way again: to the function, with a new request id, or back to the queue that they came from. edit opens a letter's payload in $VISUAL or $EDITOR, or takes it from a file, and sends it again like that. purge drops letters for good. A place is function:NAME or queue:NAME.",
  options: {
    all: { type: 'boolean', description: 'Every letter that lies there now (at most 10,000 at once)' },
    payload: {
      type: 'string',
      value: 'FILE',
      description: 'edit: what the letter carries from now on; - for standard input',
    },
    limit: { type: 'string', value: 'N', description: 'show: the oldest so many; 50 by default' },
    data: dataOption,
  },
  positionalsMin: 1,
  positionalsMax: 1_000,
  examples: [
    'mayfly dlq ls',
    'mayfly dlq show function:hello',
    'mayfly dlq redrive queue:jobs-dead --all',
    'mayfly dlq edit function:hello 7c2e4f0a-0000-7000-8000-000000000000 --payload fixed.json',
  ],
  async run(invoked) {
    const [what = '', place, ...ids] = invoked.positionals;
    await using client = await connect(invoked.world, invoked.text('data'));
    switch (what) {
      case 'ls':
        return await list(invoked, client);
      case 'show':
        return await show(invoked, client, needed(place), ids);
      case 'redrive':
        return await redrive(invoked, client, needed(place), whichOf(invoked, ids, 'redrive'));
      case 'edit':
        return await edit(invoked, client, needed(place), ids);
      case 'purge': {
        const purged = await deleteLetters(client, needed(place), whichOf(invoked, ids, 'purge'));
        invoked.answer({ purged }, () => `${count(purged, 'letter')} dropped.`);
        return 0;
      }
      default:
        throw new UsageError(`dlq ${what} is not known; ls, show, redrive, edit and purge are.`, 'dlq');
    }
  },
};

function needed(place: string | undefined): string {
  if (place === undefined)
    throw new UsageError('The place is missing: function:NAME or queue:NAME (mayfly dlq ls shows them).', 'dlq');
  // A bare name is a function's: of most letters it is.
  return place.includes(':') ? place : `function:${place}`;
}

function whichOf(invoked: Invoked, ids: readonly string[], what: string): readonly string[] | 'all' {
  const all = invoked.flag('all');
  if (all !== ids.length > 0) return all ? 'all' : ids;
  throw new UsageError(`dlq ${what} takes the ids of letters, or --all; one of both is accepted.`, 'dlq');
}

async function list(invoked: Invoked, client: ControlClient): Promise<number> {
  const { world } = invoked;
  const places = await getLetterPlaces(client);
  invoked.answer({ places }, () => placesText(places, painter(world.stdout, world.environment), world.clock.now()));
  return 0;
}

async function show(invoked: Invoked, client: ControlClient, place: string, ids: readonly string[]): Promise<number> {
  const { world } = invoked;
  const paint = painter(world.stdout, world.environment);
  const [id] = ids;
  if (id !== undefined) {
    const letter = await getLetter(client, place, id);
    invoked.answer(letter, () => letterLines(letter, paint, world.clock.now()).join('\n'));
    return 0;
  }
  const asked = invoked.text('limit') ?? '50';
  const limit = /^[0-9]{1,4}$/.test(asked) ? Number(asked) : 0;
  if (limit < 1 || limit > limitMax)
    throw new UsageError(`--limit is '${asked}'; a whole number from 1 to ${limitMax} is accepted.`, 'dlq');
  const letters = await getLetters(client, place, limit);
  invoked.answer({ letters }, () => lettersText(letters, paint, world.clock.now()));
  return 0;
}

async function redrive(
  invoked: Invoked,
  client: ControlClient,
  place: string,
  which: readonly string[] | 'all',
  payload?: unknown,
): Promise<number> {
  const redriven = await postRedrive(client, place, which, payload);
  invoked.answer(redriven, () => redrivenText(redriven));
  return redriven.refused.length === 0 ? 0 : 1;
}

async function edit(invoked: Invoked, client: ControlClient, place: string, ids: readonly string[]): Promise<number> {
  const [id, ...more] = ids;
  if (id === undefined || more.length > 0) throw new UsageError('dlq edit takes the id of one letter.', 'dlq');
  const file = invoked.text('payload');
  const letter = await getLetter(client, place, id);
  const text = file === undefined ? inEditor(invoked, letter) : await given(invoked, file);
  // What was no JSON may stay none: a queue takes any text.
  const isJson = typeof letter.payload !== 'string';
  return redrive(invoked, client, place, [id], isJson ? parsed(text) : text);
}

async function given({ world }: Invoked, file: string): Promise<string> {
  if (file === '-') return Buffer.from(await world.readStdin()).toString();
  try {
    return readFileSync(resolve(world.workingFolder, file), 'utf8');
  } catch (cause) {
    throw new PlatformError('not_found', `Cannot read the payload's file, ${file}.`, { cause, field: 'payload' });
  }
}

function inEditor({ world }: Invoked, { id, payload }: Letter): string {
  const editor = world.environment['VISUAL'] ?? world.environment['EDITOR'] ?? '';
  if (!world.stdout.isTty || editor === '')
    throw new UsageError('Here is no editor ($VISUAL, $EDITOR, and a terminal); --payload FILE does without.', 'dlq');
  const folder = mkdtempSync(join(tmpdir(), 'mayfly-letter-'));
  try {
    const isText = typeof payload === 'string';
    const file = join(folder, `${id.replaceAll(/[^\w-]/g, '_')}.${isText ? 'txt' : 'json'}`);
    writeFileSync(file, isText ? payload : `${JSON.stringify(payload, undefined, 2)}\n`, { mode: 0o600 });
    // The shell reads it as a user would have written it, options and all.
    const { status } = spawnSync('sh', ['-c', `${editor} "$1"`, 'sh', file], { stdio: 'inherit' });
    if (status !== 0)
      throw new PlatformError('invalid_argument', `The editor ended with code ${status}; nothing was sent.`);
    return readFileSync(file, 'utf8');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const why = messageOf(cause);
    throw new PlatformError('invalid_argument', `The payload is not JSON (${why}); nothing was sent.`, {
      cause,
      field: 'payload',
    });
  }
}
