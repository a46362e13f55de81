/** Which services of the operator's own network functions may be attached to: an option of the commands that run a platform. */
import { isIPv4 } from 'node:net';
import { isHostName, privateServicePattern, type PrivateService } from '../util/network-access.ts';
import { UsageError, type Invoked, type Option } from './command.ts';

export const privateServiceOptions: Readonly<Record<string, Option>> = {
  'private-services': {
    type: 'string',
    value: 'SERVICES',
    description:
      'Services at private addresses that functions may be attached to (network: { private: [NAME] }), NAME=HOST:PORT with commas between them: orders-db=10.0.3.7:5432. Functions reach no other private address',
  },
};

const servicePattern = new RegExp(`^(${privateServicePattern.source})=([^:]+):([0-9]{1,5})$`);

/** Empty: none. */
export function privateServiceOption(
  invoked: Invoked,
  command: string,
): { privateServices?: readonly PrivateService[] } {
  const text = invoked.text('private-services');
  if (text === undefined) return {};
  const privateServices = text.split(',').map((written) => {
    const [, name = '', host = '', port] = servicePattern.exec(written.trim().toLowerCase()) ?? [];
    const service = { name, host, port: Number(port) };
    if (!(service.port >= 1 && service.port <= 65_535) || !(isIPv4(host) || isHostName(host)))
      throw new UsageError(`--private-services has '${written}' in it; NAME=HOST:PORT is accepted.`, command);
    if (/^(127|0)\./.test(host) || host === 'localhost')
      throw new UsageError(
        `--private-services has '${written}' in it, and a function's loopback is its own; let the service listen at another address of this machine, and write that.`,
        command,
      );
    return service;
  });
  const twice = privateServices.find(({ name }, index) =>
    privateServices.some((other, at) => at < index && other.name === name),
  );
  if (twice !== undefined)
    throw new UsageError(`--private-services has ${twice.name} in it twice; each has a name of its own.`, command);
  return { privateServices };
}
