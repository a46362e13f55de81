import { limitProfileNames, type LimitProfileName } from '../util/limit-profiles.ts';
import { UsageError, type Invoked, type Option } from './command.ts';

/** The address that AWS emulators have made known, and the usual one for HTTP in development. */
export const defaultPorts = { api: 4566, http: 8080 };

export const listenOptions: Readonly<Record<string, Option>> = {
  'api-port': {
    type: 'string',
    value: 'PORT',
    description: `The API endpoint's port, ${defaultPorts.api} by default; 0 takes any free one`,
  },
  'http-port': {
    type: 'string',
    value: 'PORT',
    description: `The gateway's port, ${defaultPorts.http} by default; 0 takes any free one`,
  },
  listen: { type: 'string', value: 'ADDRESS', description: 'The address to listen on, 127.0.0.1 by default' },
  prebooted: {
    type: 'string',
    value: 'N',
    description: 'Environments kept ready for each kind of runtime that is deployed, 2 by default; 0 keeps none',
  },
  limits: {
    type: 'string',
    value: 'PROVIDER',
    description: `Whose limits of time and memory hold for functions that name none: ${limitProfileNames.join(', ')}; lambda by default`,
  },
};

/** More would hold memory that functions want: each takes about 40 MB. */
const prebootedMax = 100;

/** Undefined: as many as the platform thinks right. */
export function prebootedOption(invoked: Invoked, command: string): { prebooted?: number } {
  const text = invoked.text('prebooted');
  if (text === undefined) return {};
  const prebooted = /^[0-9]{1,3}$/.test(text) ? Number(text) : Number.NaN;
  if (prebooted <= prebootedMax) return { prebooted };
  throw new UsageError(`--prebooted is '${text}'; a whole number from 0 to ${prebootedMax} is accepted.`, command);
}

/** Empty: the platform's default. */
export function limitsOption(invoked: Invoked, command: string): { limitProfile?: LimitProfileName } {
  const text = invoked.text('limits');
  if (text === undefined) return {};
  const limitProfile = limitProfileNames.find((name) => name === text);
  if (limitProfile !== undefined) return { limitProfile };
  throw new UsageError(`--limits is '${text}'; one of ${limitProfileNames.join(', ')} is accepted.`, command);
}

export function portOption(invoked: Invoked, option: string, otherwise: number, command: string): number {
  const text = invoked.text(option);
  if (text === undefined) return otherwise;
  const port = /^[0-9]{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new UsageError(
    `--${option} is '${text}'; a whole number from 0 (any free port) to 65535 is accepted.`,
    command,
  );
}
