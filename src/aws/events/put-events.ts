import type {
  PutEventsRequest,
  PutEventsRequestEntry,
  PutEventsResponse,
  PutEventsResultEntry,
  TestEventPatternRequest,
  TestEventPatternResponse,
} from '@aws-sdk/client-eventbridge';
import { eventBytesMax, type BusEvent } from '../../resources/event-bus/bus-event.ts';
import type { AccountId } from '../../util/ids.ts';
import type { Access, AwsContext, OperationEntry } from '../service.ts';
import { checkPattern, invalid } from './events-errors.ts';
import type { EventsParts } from './events-parts.ts';
import { busArn, busOf, onResource } from './reference.ts';

/**
 * Durable before it is answered: all at once, or of several accounts' buses one account after the other. An entry for a bus
 * that is not there is answered as if it were, which is what EventBridge does (https://github.com/aws/aws-cli/issues/9186).
 */
export const putEvents = ({ buses, clock, ids }: EventsParts): OperationEntry => ({
  access(context, { Entries: entries = [] }: PutEventsRequest) {
    const accesses = entries.map(({ EventBusName: bus, Source: source, DetailType: detailType }): Access => ({
      action: 'events:PutEvents',
      resource: busArn(context, busOf(context, bus)),
      conditions: { 'events:source': source, 'events:detail-type': detailType },
    }));
    return [...new Map(accesses.map((access) => [JSON.stringify(access), access])).values()];
  },
  async run(context: AwsContext, input: PutEventsRequest): Promise<PutEventsResponse> {
    if (input.EndpointId !== undefined) throw invalid('Global endpoints are not built.', 'EndpointId');
    const nowMs = clock.now();
    const put: { account: AccountId; bus: string; event: BusEvent }[] = [];
    const results = (input.Entries ?? []).map((entry): PutEventsResultEntry => {
      const refusal = refusalOf(entry);
      if (refusal !== undefined) return refusal;
      const id = ids.uuid();
      const { account: owner, name: bus } = busOf(context, entry.EventBusName);
      const { Source: source = '', DetailType: detailType = '', Detail: detail = '', TraceHeader: traceHeader } = entry;
      put.push({
        account: owner,
        bus,
        event: {
          id,
          account: context.account,
          region: context.region,
          source,
          detailType,
          detail,
          resources: entry.Resources ?? [],
          timeMs: entry.Time?.getTime() ?? nowMs,
          cause: context.cause,
          ...(traceHeader !== undefined && { traceHeader }),
        },
      });
      return { EventId: id };
    });
    for (const [owner, events] of Map.groupBy(put, ({ account }) => account)) await buses.putEvents(owner, events);
    return { FailedEntryCount: results.length - put.length, Entries: results };
  },
});

const required = ['Source', 'DetailType', 'Detail'] as const;

/** One entry that is wrong holds up no other. */
function refusalOf(entry: PutEventsRequestEntry): PutEventsResultEntry | undefined {
  const absent = required.find((name) => !entry[name]);
  if (absent !== undefined) {
    const ErrorMessage = `Parameter ${absent} is not valid. Reason: ${absent} is a required argument.`;
    return { ErrorCode: 'InvalidArgument', ErrorMessage };
  }
  if (entry.Source?.startsWith('aws.') === true) {
    const ErrorMessage = `Not authorized for the source. Reason: sources that begin with aws. are AWS's own.`;
    return { ErrorCode: 'NotAuthorizedForSourceException', ErrorMessage };
  }
  if (!isJsonObject(entry.Detail ?? '')) return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
  if (bytesOf(entry) > eventBytesMax) {
    const ErrorMessage = `Parameter Detail is not valid. Reason: an entry has at most ${eventBytesMax} bytes.`;
    return { ErrorCode: 'InvalidArgument', ErrorMessage };
  }
  return undefined;
}

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevent-size.html */
function bytesOf({ Time, Source, DetailType, Detail, Resources }: PutEventsRequestEntry): number {
  const texts = [Source, DetailType, Detail, ...(Resources ?? [])];
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text ?? ''), Time === undefined ? 0 : 14);
}

function isJsonObject(text: string): boolean {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed);
  } catch {
    return false;
  }
}

const eventFields = ['id', 'detail-type', 'source', 'account', 'time', 'region', 'resources', 'detail'];

export const testEventPattern = (): OperationEntry => ({
  access: (context) => onResource(context, 'TestEventPattern', '*'),
  run(_context: AwsContext, input: TestEventPatternRequest): Promise<TestEventPatternResponse> {
    const pattern = checkPattern(input.EventPattern ?? '');
    let event: unknown;
    try {
      event = JSON.parse(input.Event ?? '');
    } catch {
      throw invalid('Parameter Event is not valid.', 'Event');
    }
    const absent = eventFields.find((name) => typeof event !== 'object' || event === null || !(name in event));
    if (absent !== undefined)
      throw invalid(`Parameter Event is not valid. Reason: ${absent} is a required argument.`, 'Event');
    return Promise.resolve({ Result: pattern.matches(event) });
  },
});
