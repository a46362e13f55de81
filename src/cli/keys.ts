import { resolve } from 'node:path';
import { connect, type ControlClient } from './client.ts';
import { dataOption, UsageError, type Command, type Invoked } from './command.ts';
import { getKeys, postKeyRotation, type KeysView } from './control-api.ts';
import { count } from './output/units.ts';

export const keysCommand: Command = {
  usage: 'keys [rotate [--to FILE] [--end-sessions]]',
  description:
    'Shows where the master key is from, which seals everything secret in the data folder. rotate puts a new one in its place while the platform runs, and seals everything anew; one that comes from outside the data folder is read from FILE, and the platform is to be started with it the next time. With --end-sessions nothing that was given out before is good any more: sessions of STS, sign-ins to the console, addresses of code.',
  options: {
    to: {
      type: 'string',
      value: 'FILE',
      description: 'rotate: the new master key, on the machine of the platform (64 hex digits or base64, mode 0600)',
    },
    'end-sessions': {
      type: 'boolean',
      description: 'rotate: whoever has a session has to begin another, as the old key could make some, too',
    },
    data: dataOption,
  },
  positionalsMin: 0,
  positionalsMax: 1,
  examples: ['mayfly keys', 'mayfly keys rotate --end-sessions', 'mayfly keys rotate --to /etc/mayfly/next.key'],
  async run(invoked) {
    const [what = 'show'] = invoked.positionals;
    if (what !== 'show' && what !== 'rotate') throw new UsageError(`keys ${what} is not known; rotate is.`, 'keys');
    const file = invoked.text('to');
    if (file !== undefined && what !== 'rotate') throw new UsageError('--to goes with rotate.', 'keys');
    const endsSessions = invoked.flag('end-sessions');
    if (endsSessions && what !== 'rotate') throw new UsageError('--end-sessions goes with rotate.', 'keys');
    await using client = await connect(invoked.world, invoked.text('data'));
    return what === 'show' ? await show(invoked, client) : await rotate(invoked, client, { file, endsSessions });
  },
};

async function show(invoked: Invoked, client: ControlClient): Promise<number> {
  const keys = await getKeys(client);
  invoked.answer(keys, () =>
    [
      `master key ${keys.masterKey}, from ${keys.source}, since ${new Date(keys.changedMs).toISOString()}`,
      ...toDo(keys),
    ].join('\n'),
  );
  return 0;
}

async function rotate(
  invoked: Invoked,
  client: ControlClient,
  { file, endsSessions }: { file: string | undefined; endsSessions: boolean },
): Promise<number> {
  const newKeyFile = file === undefined ? undefined : resolve(invoked.world.workingFolder, file);
  const rotated = await postKeyRotation(client, { newKeyFile, endsSessions });
  invoked.answer(rotated, () =>
    [
      `master key ${rotated.masterKey}, from ${rotated.source}; ${count(rotated.resealed.records, 'record')} sealed anew`,
      ...(endsSessions
        ? ['Sessions of before are over, but for those of functions, each in its own environment.']
        : []),
      ...toDo(rotated),
    ].join('\n'),
  );
  return 0;
}

function toDo({ retiring, roots }: KeysView): string[] {
  if (retiring !== undefined)
    return ['Both master keys open the data folder until the platform is started with the new one: do that now.'];
  return roots === 1 ? [] : ['Some of it is still sealed with an older root key: the next start seals that anew.'];
}
