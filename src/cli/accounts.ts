import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { AccountKey, AccountView } from '../control/accounts.ts';
import { connect, type ControlClient } from './client.ts';
import { dataOption, UsageError, type Command, type Invoked } from './command.ts';
import { deleteAccount, getAccount, getAccounts, patchAccount, postAccount, postAccountKey } from './control-api.ts';
import { columns } from './output/columns.ts';
import { painter, type Paint } from './output/paint.ts';
import { ago, count } from './output/units.ts';

export const accountsCommand: Command = {
  usage:
    'accounts ls | create NAME | show ACCOUNT | limit ACCOUNT | suspend ACCOUNT | resume ACCOUNT | key ACCOUNT | rm ACCOUNT',
  description:
    "The accounts of the platform: each has names, data, quotas, a bill and logs of its own. For the operator alone. create prints the key of the account's first user, once; key gives him another, and the old one stops. limit sets how much may run at once, and policies that bound everybody in the account. A suspended account is refused everything and keeps everything; rm takes one that holds nothing. ACCOUNT is its number or its name.",
  options: {
    id: { type: 'string', value: 'ID', description: 'create: its number, of twelve digits; any free one by default' },
    concurrency: { type: 'string', value: 'N', description: 'limit: invocations at once' },
    policy: {
      type: 'string',
      value: 'FILE',
      description:
        "limit: a policy document that bounds everybody in it, in the place of those before; 'none' for none",
    },
    data: dataOption,
  },
  positionalsMin: 1,
  positionalsMax: 2,
  examples: [
    'mayfly accounts create team-a',
    'mayfly accounts limit team-a --concurrency 100 --policy no-public-urls.json',
    'mayfly accounts suspend team-a',
  ],
  async run(invoked) {
    const [what = '', given] = invoked.positionals;
    await using client = await connect(invoked.world, invoked.text('data'));
    const { stdout, environment, clock } = invoked.world;
    const paint = painter(stdout, environment);
    const nowMs = clock.now();
    const one = (): string => {
      if (given === undefined)
        throw new UsageError(`accounts ${what} needs an account, by its number or name.`, 'accounts');
      return given;
    };
    const tell = (account: AccountView): number => {
      invoked.answer(account, () => accountText(account, paint, nowMs));
      return 0;
    };
    switch (what) {
      case 'ls': {
        const accounts = await getAccounts(client);
        invoked.answer({ accounts }, () => accountsText(accounts, paint));
        return 0;
      }
      case 'create': {
        if (given === undefined) throw new UsageError('accounts create needs a name.', 'accounts');
        const made = await postAccount(client, given, invoked.text('id'));
        invoked.answer(made, () => `${accountText(made.account, paint, nowMs)}\n\n${keyText(made.key)}`);
        return 0;
      }
      case 'show':
        return tell(await getAccount(client, one()));
      case 'limit':
        return tell(await patchAccount(client, one(), limitsOf(invoked)));
      case 'suspend':
      case 'resume':
        return tell(await patchAccount(client, one(), { isSuspended: what === 'suspend' }));
      case 'key': {
        const key = await postAccountKey(client, one());
        invoked.answer({ key }, () => keyText(key));
        return 0;
      }
      case 'rm':
        return await remove(invoked, client, one());
      default:
        throw new UsageError(
          `accounts ${what} is not known; ls, create, show, limit, suspend, resume, key and rm are.`,
          'accounts',
        );
    }
  },
};

async function remove(invoked: Invoked, client: ControlClient, account: string): Promise<number> {
  const removed = await deleteAccount(client, account);
  invoked.answer({ removed }, () => `The account ${removed} is gone.`);
  return 0;
}

function limitsOf(invoked: Invoked): { concurrencyMax?: number; policies?: readonly unknown[] } {
  const [concurrency, policy] = [invoked.text('concurrency'), invoked.text('policy')];
  if (concurrency === undefined && policy === undefined)
    throw new UsageError('accounts limit needs --concurrency or --policy.', 'accounts');
  if (concurrency !== undefined && !/^\d{1,6}$/.test(concurrency))
    throw new UsageError(`--concurrency is '${concurrency}'; a whole number is accepted.`, 'accounts');
  return {
    ...(concurrency !== undefined && { concurrencyMax: Number(concurrency) }),
    ...(policy !== undefined && { policies: policy === 'none' ? [] : [readPolicy(invoked, policy)] }),
  };
}

function readPolicy({ world }: Invoked, file: string): unknown {
  try {
    return JSON.parse(readFileSync(resolve(world.workingFolder, file), 'utf8'));
  } catch (error) {
    throw new UsageError(`--policy ${file} cannot be read: ${(error as Error).message}.`, 'accounts');
  }
}

function accountsText(accounts: readonly AccountView[], paint: Paint): string {
  return columns(
    accounts.map(({ id, name, functions, isSuspended }) => [
      id,
      paint('bold', name),
      count(functions, 'function'),
      isSuspended ? paint('red', 'suspended') : '',
    ]),
  ).join('\n');
}

function accountText(account: AccountView, paint: Paint, nowMs: number): string {
  const { id, name, createdMs, functions, isSuspended, concurrencyMax, policies } = account;
  const label = (text: string): string => paint('dim', text.padEnd(14));
  return [
    `${paint('bold', name)} ${id}${isSuspended ? ` ${paint('red', 'suspended')}` : ''}`,
    ...(createdMs === 0 ? [] : [`${label('made')}${ago(createdMs, nowMs)}`]),
    `${label('functions')}${functions}`,
    `${label('at once')}${count(concurrencyMax, 'invocation')}`,
    `${label('bounded by')}${policies.length === 0 ? 'no policy' : count(policies.length, 'policy', 'policies')}`,
  ].join('\n');
}

/** For a credentials file of the aws command and the SDKs. */
function keyText({ userName, accessKeyId, secretAccessKey }: AccountKey): string {
  return [
    `# The key of the user ${userName}, who may everything in the account. It is shown this once.`,
    `aws_access_key_id = ${accessKeyId}`,
    `aws_secret_access_key = ${secretAccessKey}`,
  ].join('\n');
}
