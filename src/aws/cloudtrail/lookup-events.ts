/** Newest first, of the last 90 days. https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html */
import type { LookupAttribute, LookupEventsRequest, LookupEventsResponse } from '@aws-sdk/client-cloudtrail';
import type { AuditEntry } from '../../resources/audit-log/audit-entry.ts';
import type { AuditLog } from '../../resources/audit-log.ts';
import { PlatformError } from '../../util/errors.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { eventRecord, eventSourceOf, typeOf } from './event-record.ts';

const pageMax = 50;
const attributes: Readonly<Record<string, (entry: AuditEntry, value: string) => boolean>> = {
  EventId: ({ id }, value) => id === value,
  EventName: ({ operation }, value) => operation === value,
  ReadOnly: ({ isReadOnly }, value) => String(isReadOnly) === value,
  Username: ({ actor }, value) => actor.name === value,
  ResourceType: ({ resources }, value) => resources.some((arn) => typeOf(arn) === value),
  ResourceName: ({ resources }, value) => resources.some((arn) => arn === value || nameOf(arn) === value),
  EventSource: (entry, value) => eventSourceOf(entry) === value,
  AccessKeyId: ({ actor }, value) => actor.accessKeyId === value,
};

export function lookupEvents(audit: Pick<AuditLog, 'page'>): OperationEntry {
  return {
    access: () => [{ action: 'cloudtrail:LookupEvents', resource: '*' }],
    async run({ account, region }: AwsContext, input: LookupEventsRequest): Promise<LookupEventsResponse> {
      const { StartTime, EndTime, MaxResults = pageMax, NextToken, EventCategory } = input;
      const wanted = readAttributes(input.LookupAttributes ?? []);
      if (!Number.isInteger(MaxResults) || MaxResults < 1 || MaxResults > pageMax)
        throw refused('InvalidMaxResultsException', `MaxResults is ${MaxResults}; 1 to ${pageMax} are accepted.`);
      if (StartTime !== undefined && EndTime !== undefined && StartTime > EndTime)
        throw refused('InvalidTimeRangeException', 'StartTime is after EndTime.');
      if (EventCategory !== undefined && EventCategory !== 'insight')
        throw refused(
          'InvalidEventCategoryException',
          `EventCategory is '${String(EventCategory)}'; insight is accepted.`,
        );
      // What is unusual in them is not looked for.
      if (EventCategory === 'insight') return { Events: [] };
      const { entries, next } = await audit.page({
        account,
        limit: MaxResults,
        wanted,
        ...(StartTime !== undefined && { fromMs: StartTime.getTime() }),
        // Given in whole seconds, and the second is meant whole.
        ...(EndTime !== undefined && { untilMs: EndTime.getTime() + 999 }),
        ...(NextToken !== undefined && { before: readToken(NextToken) }),
      });
      return {
        Events: entries.map((entry) => ({
          EventId: entry.id,
          EventName: entry.operation,
          ReadOnly: String(entry.isReadOnly),
          ...(entry.actor.accessKeyId !== '' && { AccessKeyId: entry.actor.accessKeyId }),
          EventTime: new Date(entry.timeMs),
          EventSource: eventSourceOf(entry),
          ...(entry.actor.name !== '' && { Username: entry.actor.name }),
          Resources: entry.resources.map((arn) => ({ ResourceType: typeOf(arn), ResourceName: nameOf(arn) })),
          CloudTrailEvent: JSON.stringify(eventRecord(entry, region)),
        })),
        ...(next !== undefined && { NextToken: String(next) }),
      };
    },
  };
}

/** One at most, as AWS takes. Errors: InvalidLookupAttributesException. */
function readAttributes(given: readonly LookupAttribute[]): (entry: AuditEntry) => boolean {
  const [attribute, ...more] = given;
  if (attribute === undefined) return () => true;
  if (more.length > 0) throw refused('InvalidLookupAttributesException', 'One lookup attribute is accepted.');
  const { AttributeKey: key, AttributeValue: value } = attribute;
  const test = key === undefined || !Object.hasOwn(attributes, key) ? undefined : attributes[key];
  if (test === undefined || value === undefined || value === '' || value.length > 2_000)
    throw refused(
      'InvalidLookupAttributesException',
      `The lookup attribute needs an AttributeKey of ${Object.keys(attributes).join(', ')} and an AttributeValue of 1 to 2,000 characters.`,
    );
  return (entry) => test(entry, value);
}

function readToken(token: string): number {
  if (/^[1-9]\d{0,14}$/.test(token)) return Number(token);
  throw refused('InvalidNextTokenException', 'The NextToken is not one that LookupEvents has answered.');
}

/** CloudTrail gives the bare names of some resources, and ARNs of others; here it is what stands behind the last separator. */
const nameOf = (arn: string): string =>
  arn.startsWith('arn:aws:s3:::') ? arn.slice('arn:aws:s3:::'.length) : (arn.split(/[:/]/).at(-1) ?? arn);

const refused = (reason: string, message: string): PlatformError =>
  new PlatformError('invalid_argument', message, { reason });
