import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { PlatformError } from '../util/errors.ts';
import { connect, type ControlClient } from './client.ts';
import { dataOption, UsageError, type Command, type Invoked } from './command.ts';
import { deleteAdvisories, getAdvisoryCount, postAdvisories } from './control-api.ts';
import { count } from './output/units.ts';

/** Of one request: half of what one may have. */
const sentBytesMax = 8 * 1024 * 1024;

export const advisoriesCommand: Command = {
  usage: 'advisories [update PATH | clear]',
  description:
    'update gives the platform the advisories in a file or a folder: in the OSV format, one or a list in each .json. They are added to those that it has, or take their place; clear removes all. Without a word: how many it has. Nothing is fetched from anywhere.',
  options: { data: dataOption },
  positionalsMin: 0,
  positionalsMax: 2,
  examples: ['mayfly advisories', 'mayfly advisories update ./osv/npm', 'mayfly advisories clear'],
  async run(invoked) {
    const [what = 'show', path] = invoked.positionals;
    if (!['show', 'update', 'clear'].includes(what))
      throw new UsageError(`advisories ${what} is not known; update and clear are.`, 'advisories');
    if ((what === 'update') !== (path !== undefined))
      throw new UsageError('update takes a file or a folder, and nothing else does.', 'advisories');
    await using client = await connect(invoked.world, invoked.text('data'));
    if (path !== undefined) return await update(invoked, client, resolve(invoked.world.workingFolder, path));
    if (what === 'clear') {
      const removed = await deleteAdvisories(client);
      invoked.answer({ removed }, () => `${count(removed, 'advisory', 'advisories')} removed`);
      return 0;
    }
    const known = await getAdvisoryCount(client);
    invoked.answer({ count: known }, () => `${count(known, 'advisory', 'advisories')} known`);
    return 0;
  },
};

async function update(invoked: Invoked, client: ControlClient, path: string): Promise<number> {
  let taken = 0;
  let batch: unknown[] = [];
  let bytes = 0;
  const send = async (): Promise<void> => {
    if (batch.length > 0) taken += await postAdvisories(client, batch);
    [batch, bytes] = [[], 0];
  };
  for (const file of filesAt(path)) {
    const text = readFileSync(file, 'utf8');
    for (const advisory of advisoriesIn(text, file)) {
      const size = JSON.stringify(advisory).length;
      if (bytes + size > sentBytesMax) await send();
      batch.push(advisory);
      bytes += size;
    }
  }
  await send();
  invoked.answer(
    { taken },
    () => `${count(taken, 'advisory', 'advisories')} taken, one for each package that they are about`,
  );
  return 0;
}

function filesAt(path: string): string[] {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) throw new PlatformError('not_found', `There is no ${path}.`);
  if (!stats.isDirectory()) return [path];
  return readdirSync(path, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.json'))
    .map(({ parentPath, name }) => join(parentPath, name));
}

function advisoriesIn(text: string, file: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : [value];
  } catch (error) {
    throw new PlatformError('invalid_argument', `${file} is not JSON: ${(error as Error).message}`, { cause: error });
  }
}
