/**
 * A bucket's notification configuration, as S3 has it, and the bindings that it is here.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html
 */
import type { LambdaFunctionConfiguration } from '@aws-sdk/client-s3';
import type { Binding, Bindings, BindingSource } from '../../registry/binding.ts';
import type { BucketAddress } from '../../resources/bucket.ts';
import { bucketEventNames } from '../../resources/bucket-event.ts';
import { PlatformError } from '../../util/errors.ts';
import type { AccountId } from '../../util/ids.ts';
import { invalidArgument } from './listing.ts';

export type BucketBinding = Binding & { source: Extract<BindingSource, { kind: 'bucket' }> };

/** Of this bucket, whoever made them. */
export function notificationBindings(bindings: Bindings, { account, bucket }: BucketAddress): BucketBinding[] {
  return bindings.ofKind('bucket').filter((binding) => binding.account === account && binding.source.bucket === bucket);
}

/** Ids are unique in a bucket, those of bindings in an account. */
export const idPrefix = ({ bucket }: BucketAddress): string => `s3:${bucket}:`;

const latest = '$LATEST';

export function bindingOf(
  address: BucketAddress,
  configuration: LambdaFunctionConfiguration,
  made: { id: string; createdMs: number },
): BucketBinding {
  const { account, name, qualifier } = parseFunctionArn(configuration.LambdaFunctionArn);
  if (account !== address.account) {
    throw invalidArgument(
      'LambdaFunctionArn',
      configuration.LambdaFunctionArn ?? '',
      `Functions of other accounts cannot be called: the account here is ${address.account}.`,
    );
  }
  return {
    id: idPrefix(address) + (configuration.Id ?? made.id),
    account: address.account,
    functionName: name,
    qualifier,
    createdMs: made.createdMs,
    source: {
      kind: 'bucket',
      bucket: address.bucket,
      events: parseEvents(configuration.Events),
      ...parseFilter(configuration),
    },
  };
}

export function configurationOf(
  address: BucketAddress,
  region: string,
  binding: BucketBinding,
): LambdaFunctionConfiguration {
  const { events, prefix, suffix } = binding.source;
  const rules = [
    ...(prefix === '' ? [] : [{ Name: 'prefix' as const, Value: prefix }]),
    ...(suffix === '' ? [] : [{ Name: 'suffix' as const, Value: suffix }]),
  ];
  const qualifier = binding.qualifier === latest ? '' : `:${binding.qualifier}`;
  const own = idPrefix(address);
  return {
    Id: binding.id.startsWith(own) ? binding.id.slice(own.length) : binding.id,
    LambdaFunctionArn: `arn:aws:lambda:${region}:${address.account}:function:${binding.functionName}${qualifier}`,
    // What is in a binding came through parseEvents or the manifest's list of the same names.
    Events: events.map((name) => `s3:${name}`) as NonNullable<LambdaFunctionConfiguration['Events']>,
    ...(rules.length === 0 ? {} : { Filter: { Key: { FilterRules: rules } } }),
  };
}

function parseFunctionArn(arn: string | undefined): { account: AccountId; name: string; qualifier: string } {
  const [, account, name, qualifier] =
    /^arn:aws:lambda:[a-z0-9-]+:(\d{12}):function:([A-Za-z0-9_-]+)(?::([A-Za-z0-9_$-]+))?$/.exec(arn ?? '') ?? [];
  if (account === undefined || name === undefined) {
    throw invalidArgument(
      'LambdaFunctionArn',
      arn ?? '',
      'The ARN could not be parsed: expected arn:aws:lambda:<region>:<account>:function:<name>, perhaps with a version or alias.',
    );
  }
  return { account: account as AccountId, name, qualifier: qualifier ?? latest };
}

export function parseEvents(events: readonly string[] | undefined): string[] {
  const names = (events ?? []).map((event) => event.replace(/^s3:/, ''));
  if (names.length === 0)
    throw invalidArgument('Event', '', 'A notification configuration has to name at least one event.');
  for (const [index, name] of names.entries()) {
    if (bucketEventNames.includes(name)) continue;
    throw new PlatformError(
      'not_implemented',
      `The event '${events?.[index]}' never happens here. There are ${bucketEventNames.map((known) => `s3:${known}`).join(', ')}.`,
      {
        reason: 'NotImplemented',
        field: 'Event',
      },
    );
  }
  return names;
}

export function parseFilter({ Filter }: Pick<LambdaFunctionConfiguration, 'Filter'>): {
  prefix: string;
  suffix: string;
} {
  const found = { prefix: '', suffix: '' };
  const seen = new Set<string>();
  for (const { Name, Value } of Filter?.Key?.FilterRules ?? []) {
    const name = Name?.toLowerCase();
    if (name !== 'prefix' && name !== 'suffix') {
      throw invalidArgument('FilterRule.Name', Name ?? '', 'filter rule name must be either prefix or suffix');
    }
    if (seen.has(name))
      throw invalidArgument('FilterRule.Name', name, `Cannot specify more than one ${name} rule in a filter.`);
    seen.add(name);
    found[name] = Value ?? '';
  }
  return found;
}

/** S3 refuses two configurations that one change could set off both. */
export function assertNoOverlap(
  wanted: readonly Pick<BucketBinding['source'], 'events' | 'prefix' | 'suffix'>[],
): void {
  for (const [index, source] of wanted.entries()) {
    for (const other of wanted.slice(index + 1)) {
      const sharesEvent = source.events.some((one) => other.events.some((two) => covers(one, two) || covers(two, one)));
      const sharesPrefix = source.prefix.startsWith(other.prefix) || other.prefix.startsWith(source.prefix);
      const sharesSuffix = source.suffix.endsWith(other.suffix) || other.suffix.endsWith(source.suffix);
      if (!sharesEvent || !sharesPrefix || !sharesSuffix) continue;
      throw new PlatformError(
        'invalid_argument',
        'Configurations overlap. Configurations on the same bucket cannot share a common event type.',
        {
          reason: 'InvalidArgument',
        },
      );
    }
  }
}

function covers(pattern: string, name: string): boolean {
  return pattern === name || (pattern.endsWith('*') && name.startsWith(pattern.slice(0, -1)));
}
