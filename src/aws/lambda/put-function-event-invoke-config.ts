import type { FunctionEventInvokeConfig, PutFunctionEventInvokeConfigRequest } from '@aws-sdk/client-lambda';
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

/** In place of what was configured; what is not given is as the version's settings say. */
export function putFunctionEventInvokeConfig(parts: EventInvokeParts): OperationEntry {
  return {
    access: eventInvokeAccess('lambda:PutFunctionEventInvokeConfig'),
    async run(context: AwsContext, input: PutFunctionEventInvokeConfigRequest): Promise<FunctionEventInvokeConfig> {
      const reference = functionReference(context, input.FunctionName, input.Qualifier);
      const change = await parseEventInvoke(parts, context, reference.name, input);
      await checkQualifier(parts, reference);
      const qualifier = qualifierOf(reference);
      const configured = changedEvents(undefined, change, parts.clock.now());
      const record = await parts.registry.edit(context.account, reference.name, ({ extras }) => ({
        ...extras,
        eventInvokes: { ...extras.eventInvokes, [qualifier]: configured },
      }));
      return eventInvokeConfig(record, qualifier, configuredEvents(record, reference));
    },
  };
}
