/** Calls of services from inside, wired to the services that the API port has. */
import { createAuthorization, type Authorization } from './aws/authorization.ts';
import type { AwsHandlerOptions } from './aws/dispatch.ts';
import { createServiceCalls, type Served } from './aws/service-calls.ts';
import type { ServiceCalls } from './events/service-calls.ts';
import { createAssumeForService } from './identity/service-session.ts';
import type { Identities } from './resources/iam/identities.ts';
import { PlatformError } from './util/errors.ts';

const schedulerService = 'scheduler.amazonaws.com';

type Roles = Pick<Identities, 'roleByArn'>;

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
  serve(options: AwsHandlerOptions, identities: Roles): AwsHandlerOptions;
};

export function wireServiceCalls({ region, apiPort, requireRoom, log }: ServiceCallsWiring): WiredServiceCalls {
  let served: Served | undefined;
  return {
    authorization(...asked) {
      if (served === undefined) throw new PlatformError('unavailable', 'the platform is still starting');
      served.authorization(...asked);
    },
    calls: createServiceCalls({
      served: () => served,
      region,
      endpoint: () => `http://127.0.0.1:${apiPort()}`,
      requireRoom,
      onError: (error, { service, operation, requestId }) =>
        log(
          `unexpected in ${service} ${operation} (called for ${requestId}): ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
        ),
    }),
    serve(options, identities) {
      const { services, clock, audit } = options;
      const authorization = createAuthorization(options);
      const assume = createAssumeForService(identities, clock);
      served = {
        services,
        authorization,
        assume: ({ id, ...call }) =>
          assume({ ...call, service: schedulerService, sessionName: id.replaceAll('-', '') }),
        audit,
      };
      return options;
    },
  };
}
