/** Calls of services from inside, wired to the services that the API port has. */
import { createAuthorization, type Authorization } from './aws/authorization.ts';
import type { AwsHandlerOptions } from './aws/dispatch.ts';
import { createServiceCalls, type Served } from './aws/service-calls.ts';
import type { ServiceCalls } from './events/service-calls.ts';
import { createPolicyCache, trustsService } from './identity/standing.ts';
import type { Identities } from './resources/iam/identities.ts';
import type { Clock } from './util/clock.ts';
import { PlatformError } from './util/errors.ts';

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
      served = { services, authorization, assume: createAssume(identities, clock), audit };
      return options;
    },
  };
}

const schedulerService = 'scheduler.amazonaws.com';

/** Whom the scheduler is with a role: one that is there and trusts it for this schedule, and may what its policies say. */
function createAssume(identities: Roles, clock: Clock): Served['assume'] {
  const read = createPolicyCache();
  return ({ account, roleArn, sourceArn, id }) => {
    const role = identities.roleByArn(roleArn);
    if (role?.account !== account) throw refused(`there is no role ${roleArn} in the account ${account}`);
    if (!trustsService(read(role.trust, 'trust'), schedulerService, sourceArn))
      throw refused(`the role ${roleArn} does not let ${schedulerService} assume it for ${sourceArn}`);
    const sessionName = id.replaceAll('-', '');
    return {
      kind: 'role',
      account,
      arn: `arn:aws:sts::${account}:assumed-role/${role.name}/${sessionName}`,
      accessKeyId: '',
      roleArn,
      roleName: role.name,
      roleId: role.id,
      sessionName,
      session: { issuedMs: clock.now(), policies: [], policyArns: [], tags: {}, transitiveTagKeys: [] },
    };
  };
}

const refused = (message: string): PlatformError =>
  new PlatformError('permission_denied', message, { reason: 'AccessDenied' });
