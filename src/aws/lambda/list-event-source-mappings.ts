import type { ListEventSourceMappingsRequest, ListEventSourceMappingsResponse } from '@aws-sdk/client-lambda';
import type { AwsContext, OperationEntry } from '../service.ts';
import {
  mappedFunctionArn,
  shownMapping,
  shownMappings,
  sourceArn,
  uuidOf,
  type ShownParts,
} from './event-source-mapping.ts';
import { functionReference } from './function-reference.ts';
import { pageOf } from './page.ts';

/** By UUID. A function named without a qualifier: the mappings of $LATEST. */
export function listEventSourceMappings(parts: ShownParts): OperationEntry {
  return {
    access: () => [{ action: 'lambda:ListEventSourceMappings', resource: '*' }],
    run(context: AwsContext, input: ListEventSourceMappingsRequest): Promise<ListEventSourceMappingsResponse> {
      const { EventSourceArn: arn, FunctionName: name } = input;
      const wanted = name === undefined ? undefined : functionReference(context, name).qualifiedArn;
      const all = shownMappings(parts, context.account).filter(
        (mapping) =>
          (arn === undefined || sourceArn(parts, context.region, mapping) === arn) &&
          (wanted === undefined || mappedFunctionArn(context.region, mapping) === wanted),
      );
      const { items, ...next } = pageOf(all, input, uuidOf);
      return Promise.resolve({
        EventSourceMappings: items.map((mapping) => shownMapping(parts, context, mapping)),
        ...next,
      });
    },
  };
}
