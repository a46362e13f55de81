/** Buses, rules and the rest by the names and ARNs that clients know them by. */
import { defaultBus } from '../../resources/event-bus/event-bus.ts';
import type { Rule } from '../../resources/event-bus/rule.ts';
import { parseArn } from '../../util/arn.ts';
import { PlatformError } from '../../util/errors.ts';
import type { AccountId } from '../../util/ids.ts';
import type { Access, AwsContext } from '../service.ts';
import { invalidParameter } from './events-errors.ts';

type Place = Pick<AwsContext, 'region'>;
type Owned = { account: AccountId; name: string };

const arnOf = ({ region }: Place, account: string, resource: string): string =>
  `arn:aws:events:${region}:${account}:${resource}`;

export const busArn = (context: Place, { account, name }: Owned): string =>
  arnOf(context, account, `event-bus/${name}`);

/** On the default bus a rule's ARN does not name it. */
export const arnOfRule = (context: Place, { account, bus, name }: Pick<Rule, 'account' | 'bus' | 'name'>): string =>
  arnOf(context, account, `rule/${bus === defaultBus ? '' : `${bus}/`}${name}`);

export const archiveArn = (context: Place, { account, name }: Owned): string =>
  arnOf(context, account, `archive/${name}`);

export const replayArn = (context: Place, { account, name }: Owned): string =>
  arnOf(context, account, `replay/${name}`);

export const connectionArn = (context: Place, { account, name, id }: Owned & { id: string }): string =>
  arnOf(context, account, `connection/${name}/${id}`);

export const destinationArn = (context: Place, { account, name, id }: Owned & { id: string }): string =>
  arnOf(context, account, `api-destination/${name}/${id}`);

/** A name, or an ARN, which may be another account's; absent: the default bus. */
export function busOf(context: AwsContext, given: string | undefined): Owned {
  const { account } = context;
  if (given === undefined || given === '') return { account, name: defaultBus };
  if (!given.startsWith('arn:')) return { account, name: given };
  const arn = parseArn(given);
  if (arn?.service !== 'events' || !arn.resource.startsWith('event-bus/'))
    throw invalidParameter('EventBusName', 'Provided Arn is not in correct format.');
  const name = arn.resource.slice('event-bus/'.length);
  if (arn.region !== context.region) throw noBus(name);
  return { account: arn.account as AccountId, name };
}

/** The same of this account alone. Throws `not_found` for another's. */
export function busName(context: AwsContext, given: string | undefined): string {
  const { account, name } = busOf(context, given);
  if (account !== context.account) throw noBus(name);
  return name;
}

const noBus = (name: string): PlatformError =>
  new PlatformError('not_found', `Event bus ${name} does not exist.`, { reason: 'ResourceNotFoundException' });

/** Throws ValidationException for what is no queue's. */
export function queueArn(arn: string, parameter: string): string {
  if (parseArn(arn)?.service === 'sqs') return arn;
  throw invalidParameter(parameter, 'The ARN of a queue is accepted.');
}

/** The last part of an ARN of this kind, of this account. `kind`: `archive`. */
export function nameInArn(context: AwsContext, given: string | undefined, kind: string, parameter: string): string {
  const arn = given === undefined ? undefined : parseArn(given);
  if (arn?.service !== 'events' || !arn.resource.startsWith(`${kind}/`) || arn.account !== context.account)
    throw invalidParameter(parameter, 'Provided Arn is not in correct format.');
  return arn.resource.split('/')[1] ?? '';
}

export const onBus = (context: AwsContext, action: string, bus: string | undefined): Access[] => [
  { action: `events:${action}`, resource: busArn(context, { account: context.account, name: busName(context, bus) }) },
];

export const onRule = (
  context: AwsContext,
  action: string,
  { bus, rule = '' }: { bus: string | undefined; rule: string | undefined },
): Access[] => [
  {
    action: `events:${action}`,
    resource: arnOfRule(context, { account: context.account, bus: busName(context, bus), name: rule }),
  },
];

/** `resource`: `archive/NAME`, or `*` for lists. */
export const onResource = (context: AwsContext, action: string, resource: string): Access[] => [
  { action: `events:${action}`, resource: resource === '*' ? '*' : arnOf(context, context.account, resource) },
];
