/** What becomes of asynchronous events of one qualifier, as Lambda names it. https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-configuring.html */
import type { DestinationConfig, FunctionEventInvokeConfig } from '@aws-sdk/client-lambda';
import { destinationKind } from '../../events/destination.ts';
import type { EventInvoke, FunctionRecord } from '../../registry/function.ts';
import { parseArn } from '../../util/arn.ts';
import type { PlatformError } from '../../util/errors.ts';
import { latestVersion, type AccountId, type VersionId } from '../../util/ids.ts';
import type { Access, AwsContext } from '../service.ts';
import { functionAccess, type FunctionReference } from './function-reference.ts';
import { invalidParameterValue, resourceNotFound } from './lambda-errors.ts';
import type { LambdaParts } from './lambda-parts.ts';

export type EventInvokeInput = {
  MaximumRetryAttempts?: number | undefined;
  MaximumEventAgeInSeconds?: number | undefined;
  DestinationConfig?: DestinationConfig | undefined;
};

export type EventInvokeParts = Pick<
  LambdaParts,
  'registry' | 'queues' | 'topics' | 'buses' | 'buckets' | 'delivering' | 'clock'
>;

export const qualifierOf = ({ qualifier }: FunctionReference): string => qualifier ?? latestVersion;

/** Errors: ResourceNotFoundException, unless the function has the qualifier. */
export async function checkQualifier({ registry }: EventInvokeParts, reference: FunctionReference): Promise<void> {
  const { account, name } = reference;
  const qualifier = qualifierOf(reference);
  const isAlias = Object.hasOwn(registry.get(account, name)?.aliases ?? {}, qualifier);
  if (isAlias || (await registry.version(account, name, qualifier as VersionId)) !== undefined) return;
  throw resourceNotFound("The function doesn't exist.");
}

/** Errors: ResourceNotFoundException. */
export function configuredEvents(record: FunctionRecord | undefined, reference: FunctionReference): EventInvoke {
  const qualifier = qualifierOf(reference);
  const all = record?.extras.eventInvokes ?? {};
  const configured = Object.hasOwn(all, qualifier) ? all[qualifier] : undefined;
  if (configured === undefined) {
    throw resourceNotFound(`The function ${reference.arn}:${qualifier} doesn't have an EventInvokeConfig`);
  }
  return configured;
}

/** The settings that the input names; a destination that is empty is one taken away. Errors: InvalidParameterValueException. */
export async function parseEventInvoke(
  parts: EventInvokeParts,
  context: AwsContext,
  functionName: string,
  input: EventInvokeInput,
): Promise<EventInvokeChange> {
  const { MaximumRetryAttempts: retries, MaximumEventAgeInSeconds: ageS, DestinationConfig: destinations } = input;
  if (retries === undefined && ageS === undefined && destinations === undefined) {
    throw invalidParameterValue('You must specify at least one of error handling or destination setting.');
  }
  const onSuccess = destinations?.OnSuccess?.Destination;
  const onFailure = destinations?.OnFailure?.Destination;
  const check = { parts, context, functionName, config: describe(destinations) };
  if (onSuccess) await checkDestination(onSuccess, { ...check, isSuccess: true });
  if (onFailure) await checkDestination(onFailure, { ...check, isSuccess: false });
  return {
    ...(retries === undefined ? {} : { attemptsMax: retries + 1 }),
    ...(ageS === undefined ? {} : { eventAgeMaxMs: ageS * 1_000 }),
    ...(destinations === undefined ? {} : { destinations: named({ onSuccess, onFailure }) }),
  };
}

/**
 * `access` of an operation that names destinations. As on AWS the function's role must be allowed to send there, where IAM
 * has it; and here whoever names a destination must be, too, since a role that IAM does not have is asked nothing.
 */
export const eventInvokeAccess =
  (action: string) =>
  (
    context: AwsContext,
    input: EventInvokeInput & { FunctionName?: string | undefined; Qualifier?: string | undefined },
  ): readonly Access[] => {
    const { OnSuccess, OnFailure } = input.DestinationConfig ?? {};
    return [
      ...functionAccess(action)(context, input),
      ...[OnSuccess?.Destination, OnFailure?.Destination].flatMap((arn) => sendAccess(context, arn ?? '')),
    ];
  };

/** What is no destination is refused later. */
export function sendAccess({ region, account }: AwsContext, text: string): readonly Access[] {
  const arn = parseArn(text);
  if (arn === undefined) return [];
  const { service, resource } = arn;
  switch (service) {
    case 'sqs':
      return [{ action: 'sqs:SendMessage', resource: `arn:aws:sqs:${region}:${account}:${resource}` }];
    case 'sns':
      return [{ action: 'sns:Publish', resource: `arn:aws:sns:${region}:${account}:${resource}` }];
    case 'events':
      return [{ action: 'events:PutEvents', resource: `arn:aws:events:${region}:${account}:${resource}` }];
    case 'lambda':
      return [{ action: 'lambda:InvokeFunction', resource: `arn:aws:lambda:${region}:${account}:${resource}` }];
    case 's3':
      return [{ action: 's3:PutObject', resource: `arn:aws:s3:::${resource}/*` }];
    default:
      return [];
  }
}

type Destinations = Pick<EventInvoke, 'onSuccess' | 'onFailure'>;

export type EventInvokeChange = Pick<EventInvoke, 'attemptsMax' | 'eventAgeMaxMs'> & { destinations?: Destinations };

const named = ({ onSuccess, onFailure }: { [Name in keyof Destinations]: string | undefined }): Destinations => ({
  ...(onSuccess ? { onSuccess } : {}),
  ...(onFailure ? { onFailure } : {}),
});

/** `present`: what there is already; undefined: nothing of it is kept. */
export function changedEvents(
  present: EventInvoke | undefined,
  { destinations, ...settings }: EventInvokeChange,
  modifiedMs: number,
): EventInvoke {
  const { onSuccess, onFailure, ...others } = present ?? {};
  return { ...others, ...(destinations ?? named({ onSuccess, onFailure })), ...settings, modifiedMs };
}

async function checkDestination(
  text: string,
  {
    parts,
    context,
    functionName,
    config,
    isSuccess,
  }: { parts: EventInvokeParts; context: AwsContext; functionName: string; config: string; isSuccess: boolean },
): Promise<void> {
  const arn = parseArn(text);
  const kind = arn === undefined ? undefined : destinationKind(arn.service);
  if (arn === undefined || kind === undefined || (isSuccess && !kind.takesSuccesses)) {
    throw invalidParameterValue(`The provided destination config ${config} is invalid.`);
  }
  if (arn.service === 'lambda' && arn.resource.split(':')[1] === functionName) {
    throw invalidParameterValue("You can't specify the function as a destination for itself.");
  }
  const isOurs =
    (arn.account || context.account) === context.account && (arn.region || context.region) === context.region;
  if (!isOurs || !(await isThere(arn.service, arn.resource, parts, context.account))) {
    throw invalidParameterValue(`The destination ARN ${text} is invalid.`);
  }
  const refused = parts.delivering?.whyNot({ account: context.account, functionName }, text);
  if (refused !== undefined) throw roleMayNot(refused.action, text);
}

/** What the function's role lacks. https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html#invocation-dlq */
export function roleMayNot(action: string, resource: string): PlatformError {
  const [, operation = action] = action.split(':');
  return invalidParameterValue(
    `The function's execution role does not have permissions to call ${operation} on ${resource}`,
    { field: 'Role' },
  );
}

/** Of what a stream's mapping gives up: a queue, a topic or a bucket. Errors: InvalidParameterValueException. */
export async function checkStreamDestination(
  parts: EventInvokeParts,
  context: AwsContext,
  destination: string,
): Promise<void> {
  const service = parseArn(destination)?.service ?? '';
  const config = describe({ OnFailure: { Destination: destination } });
  if (!['sqs', 'sns', 's3'].includes(service))
    throw invalidParameterValue(`The provided destination config ${config} is invalid.`);
  await checkDestination(destination, { parts, context, functionName: '', config, isSuccess: false });
}

async function isThere(
  service: string,
  resource: string,
  { registry, queues, topics, buses, buckets }: EventInvokeParts,
  account: AccountId,
): Promise<boolean> {
  if (service === 'sqs') return queues.get(account, resource) !== undefined;
  if (service === 'sns') return topics.get(account, resource) !== undefined;
  if (service === 'events')
    return resource.startsWith('event-bus/') && buses.bus(account, resource.slice('event-bus/'.length)) !== undefined;
  if (service === 's3') return (await buckets.bucket({ account, bucket: resource })) !== undefined;
  const [what, name = ''] = resource.split(':');
  return what === 'function' && registry.get(account, name) !== undefined;
}

const described = (name: string, destination: string | undefined): string =>
  destination ? `${name}(destination=${destination})` : 'null';

const describe = (config: DestinationConfig | undefined): string =>
  `DestinationConfig(onSuccess=${described('OnSuccess', config?.OnSuccess?.Destination)}, onFailure=${described('OnFailure', config?.OnFailure?.Destination)})`;

export function eventInvokeConfig(
  { arn }: Pick<FunctionRecord, 'arn'>,
  qualifier: string,
  configured: EventInvoke,
): FunctionEventInvokeConfig {
  const { attemptsMax, eventAgeMaxMs, onSuccess, onFailure, modifiedMs } = configured;
  return {
    LastModified: new Date(modifiedMs),
    FunctionArn: `${arn}:${qualifier}`,
    ...(attemptsMax === undefined ? {} : { MaximumRetryAttempts: attemptsMax - 1 }),
    ...(eventAgeMaxMs === undefined ? {} : { MaximumEventAgeInSeconds: eventAgeMaxMs / 1_000 }),
    DestinationConfig: {
      OnSuccess: onSuccess === undefined ? {} : { Destination: onSuccess },
      OnFailure: onFailure === undefined ? {} : { Destination: onFailure },
    },
  };
}
