/** What `serve` and `dev` may be told of the platform that they run. */
import type { Invoked, OpenOptions, Option } from './command.ts';
import { issuerOption, issuerOptions } from './issuer-options.ts';
import { mailOption, mailOptions } from './mail-options.ts';
import { masterKeyOption, masterKeyOptions } from './master-key-options.ts';
import { defaultPorts, limitsOption, listenOptions, portOption, prebootedOption } from './ports.ts';
import { privateServiceOption, privateServiceOptions } from './private-service-options.ts';
import { warmOption, warmOptions } from './warm-options.ts';

export const platformOptions: Readonly<Record<string, Option>> = {
  ...listenOptions,
  ...warmOptions,
  ...mailOptions,
  ...masterKeyOptions,
  ...issuerOptions,
  ...privateServiceOptions,
};

/** Errors: UsageError, naming the option. */
export const platformOptionsOf = (
  invoked: Invoked,
  mode: 'serve' | 'dev',
): Omit<OpenOptions, 'dataFolder' | 'log'> => ({
  mode,
  listen: invoked.text('listen') ?? '127.0.0.1',
  apiPort: portOption(invoked, 'api-port', defaultPorts.api, mode),
  httpPort: portOption(invoked, 'http-port', defaultPorts.http, mode),
  ...prebootedOption(invoked, mode),
  ...warmOption(invoked, mode),
  ...mailOption(invoked, mode),
  ...masterKeyOption(invoked, mode),
  ...issuerOption(invoked, mode),
  ...privateServiceOption(invoked, mode),
  ...limitsOption(invoked, mode),
});
