import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Signer } from '../resources/bundle-signers.ts';
import { connect } from './client.ts';
import { dataOption, UsageError, type Command } from './command.ts';
import { getSigners, putSigners } from './control-api.ts';
import { columns } from './output/columns.ts';

export const signersCommand: Command = {
  usage: 'signers [require PUBLIC_KEY... | off]',
  description:
    'Shows whose signature new code of this account needs. require asks for one by any of these keys (PEM files of Ed25519, P-256 or P-384) in the place of those before, which mayfly deploy --sign makes with the private key; off asks for none.',
  options: { data: dataOption },
  positionalsMin: 0,
  positionalsMax: 21,
  examples: [
    'mayfly signers',
    'openssl genpkey -algorithm ed25519 -out signing.pem && openssl pkey -in signing.pem -pubout -out signing.pub',
    'mayfly signers require signing.pub',
    'mayfly deploy --sign signing.pem',
    'mayfly signers off',
  ],
  async run(invoked) {
    const { world } = invoked;
    const [what = 'show', ...files] = invoked.positionals;
    if (!['show', 'require', 'off'].includes(what))
      throw new UsageError(`signers ${what} is not known; require and off are.`, 'signers');
    if ((what === 'require') !== files.length > 0)
      throw new UsageError('require takes files with public keys, and nothing else does.', 'signers');
    const keys = files.map((file) => readKey(resolve(world.workingFolder, file), file));
    await using client = await connect(world, invoked.text('data'));
    const signers = what === 'show' ? await getSigners(client) : await putSigners(client, keys);
    invoked.answer({ signers }, () => signersText(signers));
    return 0;
  },
};

function readKey(path: string, file: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${(error as Error).message}.`, 'signers');
  }
}

const signersText = (signers: readonly Signer[]): string =>
  signers.length === 0
    ? 'Code needs no signature.'
    : ['New code needs a signature by one of', ...columns(signers.map(({ id, kind }) => [`  ${id}`, kind]))].join('\n');
