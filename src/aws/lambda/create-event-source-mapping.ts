import type { CreateEventSourceMappingRequest, EventSourceMappingConfiguration } from '@aws-sdk/client-lambda';
import type { TableSource } from '../../registry/binding.ts';
import { latestVersion } from '../../util/ids.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { checkMembers, checkRequired, checkRunsHere, sourceKindOf } from './event-source-kinds.ts';
import {
  checkNotMapped,
  mappingConfiguration,
  mappingsOf,
  type Mapping,
  type MappingParts,
} from './event-source-mapping.ts';
import { functionReference } from './function-reference.ts';
import { checkReceives, mappedVersion, queueMappingSource, receiveAccess } from './mapping-settings.ts';
import { changedTableSource, newTableSource, streamAccess, streamOfMapping } from './table-mapping-settings.ts';
import { checkTags } from './tags.ts';

/** Durable and polled once answered. https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html */
export function createEventSourceMapping(parts: MappingParts): OperationEntry {
  return {
    access: (context, input: CreateEventSourceMappingRequest) => [
      { action: 'lambda:CreateEventSourceMapping', resource: '*' },
      ...receiveAccess(context, input.EventSourceArn ?? ''),
      ...streamAccess(context, input.EventSourceArn ?? '', input),
    ],
    async run(context: AwsContext, input: CreateEventSourceMappingRequest): Promise<EventSourceMappingConfiguration> {
      const kind = sourceKindOf(input);
      checkRequired(kind, { ...input });
      checkMembers(kind, { ...input });
      checkRunsHere(kind);
      const { EventSourceArn: arn = '', Tags: tags = {} } = input;
      checkTags(tags);
      const reference = functionReference(context, input.FunctionName);
      const { version } = await mappedVersion(parts, reference);
      const nowMs = parts.clock.now();
      const common = {
        id: parts.ids.uuid(),
        account: context.account,
        functionName: reference.name,
        qualifier: reference.qualifier ?? latestVersion,
        createdMs: nowMs,
        modifiedMs: nowMs,
        ...(Object.keys(tags).length === 0 ? {} : { tags }),
      };
      const mapping: Mapping =
        kind === 'queue'
          ? { ...common, source: queueMappingSource(parts, context, arn, version, input) }
          : { ...common, source: await tableSource(context, arn, input) };
      checkReceives(parts, context, mapping);
      await parts.inTurn(mappingsOf(context.account), () => {
        checkNotMapped(parts, context, mapping);
        return parts.bindings.put(mapping);
      });
      return mappingConfiguration(parts, context, mapping, 'Creating');
    },
  };

  function tableSource(context: AwsContext, arn: string, input: CreateEventSourceMappingRequest): Promise<TableSource> {
    const stream = streamOfMapping(parts, context, arn);
    return changedTableSource(parts, context, newTableSource(stream, input.StartingPosition), input);
  }
}
