/** Calls of services from inside, wired to the services that the API port has. */
import { createAuthorization, type Authorization } from './aws/authorization.ts';
import type { AwsHandlerOptions } from './aws/dispatch.ts';
import { createServiceCalls } from './aws/service-calls.ts';
import type { ServiceCalls } from './events/service-calls.ts';
import type { Principal } from './identity/principal.ts';
import { parseArn } from './util/arn.ts';
import { PlatformError } from './util/errors.ts';
import type { AccountId } from './util/ids.ts';

export type ServiceCallsWiring = {
  region: string;
  apiPort: () => number;
  requireRoom: () => void;
  log: (message: string) => void;
};

export type WiredServiceCalls = {
  calls: ServiceCalls;
  /** For who uses one service on behalf of somebody who called another. */
  authorization: Authorization;
  /** From now on these services and permissions; answers what it was given. */
  serve(options: AwsHandlerOptions): AwsHandlerOptions;
};

export function wireServiceCalls({ region, apiPort, requireRoom, log }: ServiceCallsWiring): WiredServiceCalls {
  let served: { services: AwsHandlerOptions['services']; authorization: Authorization } | undefined;
  return {
    authorization(...asked) {
      if (served === undefined) throw new PlatformError('unavailable', 'the platform is still starting');
      served.authorization(...asked);
    },
    calls: createServiceCalls({
      served: () => served,
      assume,
      region,
      endpoint: () => `http://127.0.0.1:${apiPort()}`,
      requireRoom,
      onError: (error, { service, operation, requestId }) =>
        log(
          `unexpected in ${service} ${operation} (called for ${requestId}): ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
        ),
    }),
    serve(options) {
      served = { services: options.services, authorization: createAuthorization(options) };
      return options;
    },
  };
}

/**
 * A role may do what its account may: what it allows is not evaluated yet, as with the roles of targets
 * (events/check-permission.ts). Giving it to the scheduler took the permission to pass it.
 */
function assume(account: AccountId, roleArn: string, sessionName: string): Principal {
  const role = parseArn(roleArn);
  if (role?.service !== 'iam' || role.account !== account || !role.resource.startsWith('role/'))
    throw new PlatformError('permission_denied', `${roleArn} is no role of the account ${account}`, {
      reason: 'AccessDenied',
    });
  const name = role.resource.split('/').at(-1) ?? '';
  return {
    kind: 'administrator',
    account,
    arn: `arn:aws:sts::${account}:assumed-role/${name}/${sessionName}`,
    accessKeyId: '',
  };
}
