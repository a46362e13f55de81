/**
 * Operations of the services that are built here, called in process with a role: what a schedule's universal target names
 * (`arn:aws:scheduler:::aws-sdk:sqs:sendMessage`). Who knows the services is aws/service-calls.ts.
 */
import type { Cause } from '../util/cause.ts';
import type { AccountId } from '../util/ids.ts';

/** In one schedule's words: the service's name and its operation as SDKs have them. */
export type ServiceAction = { service: string; action: string };

export type ServiceCall = ServiceAction & {
  /** JSON of an object whose members are the operation's. */
  input: string;
  account: AccountId;
  /** Whose permissions it has. */
  roleArn: string;
  /** Of the schedule. */
  sourceArn: string;
  /** The same when it is called again after a crash. */
  id: string;
  cause: Cause;
};

export type ServiceCalls = {
  /** Why it cannot be called, to whoever wants to; undefined: it can. */
  refusal(action: ServiceAction): string | undefined;
  /** Whether the scheduler may have the role for a schedule. */
  mayAssume(role: Pick<ServiceCall, 'account' | 'roleArn' | 'sourceArn'>): boolean;
  /** Done once resolved. Throws what the operation does. */
  call(call: ServiceCall): Promise<void>;
};

/** Undefined: the ARN is not one of a universal target. */
export function serviceActionOf(arn: string): ServiceAction | undefined {
  const [, service, action] = /^arn:aws[a-z-]*:scheduler:::aws-sdk:([A-Za-z0-9-]+):([A-Za-z0-9]+)$/.exec(arn) ?? [];
  return service === undefined || action === undefined ? undefined : { service, action };
}
