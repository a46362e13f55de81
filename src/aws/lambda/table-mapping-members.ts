import type { EventSourceMappingConfiguration } from '@aws-sdk/client-lambda';
import type { TableSource } from '../../registry/binding.ts';

/** What a stream's mapping says beside what all mappings say, with what nobody has set. */
export function tableMappingMembers(source: TableSource): Partial<EventSourceMappingConfiguration> {
  const { startAt, parallel, bisects, retriesMax = -1, ageMaxMs, tumblingMs = 0, onFailure } = source;
  return {
    StartingPosition: startAt === 'latest' ? 'LATEST' : 'TRIM_HORIZON',
    ParallelizationFactor: parallel,
    BisectBatchOnFunctionError: bisects,
    MaximumRetryAttempts: retriesMax,
    MaximumRecordAgeInSeconds: ageMaxMs === undefined ? -1 : ageMaxMs / 1_000,
    TumblingWindowInSeconds: tumblingMs / 1_000,
    DestinationConfig: { OnFailure: onFailure === undefined ? {} : { Destination: onFailure } },
    StateTransitionReason: 'User action',
  };
}
