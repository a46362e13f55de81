/** Where the master key is from: options of the commands that run a platform. */
import { resolve } from 'node:path';
import { UsageError, type Invoked, type Option } from './command.ts';

export const masterKeyOptions: Readonly<Record<string, Option>> = {
  'master-key-file': {
    type: 'string',
    value: 'FILE',
    description:
      'A file with the master key, which seals everything secret (64 hex digits or base64, mode 0600); $MAYFLY_MASTER_KEY has the key itself. Otherwise it is made in the data folder',
  },
  'master-key-command': {
    type: 'string',
    value: 'COMMAND',
    description: 'A command that prints the master key: of a key service, a hardware module, a password manager',
  },
};

/** As identity/master-key.ts knows it. */
export type MasterKeyChoice =
  | { kind: 'file'; path: string }
  | { kind: 'environment'; text: string }
  | { kind: 'command'; command: string };

/** Empty: it is the data folder's own. */
export function masterKeyOption(invoked: Invoked, command: string): { masterKey?: MasterKeyChoice } {
  const { world } = invoked;
  const [file, printed] = [invoked.text('master-key-file'), invoked.text('master-key-command')];
  const text = world.environment['MAYFLY_MASTER_KEY'];
  if (file !== undefined && printed !== undefined)
    throw new UsageError('--master-key-file and --master-key-command do not go together.', command);
  if (file !== undefined) return { masterKey: { kind: 'file', path: resolve(world.workingFolder, file) } };
  if (printed !== undefined) return { masterKey: { kind: 'command', command: printed } };
  return text === undefined || text === '' ? {} : { masterKey: { kind: 'environment', text } };
}
