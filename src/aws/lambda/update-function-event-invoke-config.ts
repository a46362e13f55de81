import type { FunctionEventInvokeConfig, UpdateFunctionEventInvokeConfigRequest } from '@aws-sdk/client-lambda';
import type { AwsContext, OperationEntry } from '../service.ts';
import {
  changedEvents,
  checkQualifier,
  configuredEvents,
  eventInvokeAccess,
  eventInvokeConfig,
  parseEventInvoke,
  qualifierOf,
  type EventInvokeParts,
} from './event-invoke-config.ts';
import { functionReference } from './function-reference.ts';

/** What is given changes; the rest stays. */
export function updateFunctionEventInvokeConfig(parts: EventInvokeParts): OperationEntry {
  return {
    access: eventInvokeAccess('lambda:UpdateFunctionEventInvokeConfig'),
    async run(context: AwsContext, input: UpdateFunctionEventInvokeConfigRequest): Promise<FunctionEventInvokeConfig> {
      const reference = functionReference(context, input.FunctionName, input.Qualifier);
      const change = await parseEventInvoke(parts, context, reference.name, input);
      await checkQualifier(parts, reference);
      const qualifier = qualifierOf(reference);
      const record = await parts.registry.edit(context.account, reference.name, (present) => {
        const changed = changedEvents(configuredEvents(present, reference), change, parts.clock.now());
        const eventInvokes = { ...present.extras.eventInvokes, [qualifier]: changed };
        return { ...present.extras, eventInvokes };
      });
      return eventInvokeConfig(record, qualifier, configuredEvents(record, reference));
    },
  };
}
