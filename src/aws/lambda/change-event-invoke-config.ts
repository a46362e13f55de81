import type { FunctionEventInvokeConfig } from '@aws-sdk/client-lambda';
import type { EventInvoke, FunctionRecord } from '../../registry/function.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import {
  changedEvents,
  checkQualifier,
  configuredEvents,
  eventInvokeAccess,
  eventInvokeConfig,
  parseEventInvoke,
  qualifierOf,
  type EventInvokeInput,
  type EventInvokeParts,
} from './event-invoke-config.ts';
import { functionReference, type FunctionReference } from './function-reference.ts';

/** `before`: what stays where nothing else is given; undefined: what the version's settings say holds there. */
export function changeEventInvokeConfig(
  parts: EventInvokeParts,
  action: string,
  before: (record: FunctionRecord, reference: FunctionReference) => EventInvoke | undefined,
): OperationEntry {
  return {
    access: eventInvokeAccess(action),
    async run(
      context: AwsContext,
      input: EventInvokeInput & { FunctionName: string | undefined; Qualifier?: string | undefined },
    ): Promise<FunctionEventInvokeConfig> {
      const reference = functionReference(context, input.FunctionName, input.Qualifier);
      const change = await parseEventInvoke(parts, context, reference.name, input);
      await checkQualifier(parts, reference);
      const qualifier = qualifierOf(reference);
      const record = await parts.registry.edit(context.account, reference.name, (present) => {
        const changed = changedEvents(before(present, reference), change, parts.clock.now());
        return { ...present.extras, eventInvokes: { ...present.extras.eventInvokes, [qualifier]: changed } };
      });
      return eventInvokeConfig(record, qualifier, configuredEvents(record, reference));
    },
  };
}
