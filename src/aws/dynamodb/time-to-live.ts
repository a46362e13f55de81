import type {
  DescribeTimeToLiveCommandInput,
  DescribeTimeToLiveCommandOutput,
  UpdateTimeToLiveCommandInput,
  UpdateTimeToLiveCommandOutput,
} from '@aws-sdk/client-dynamodb';
import { invalidTable } from '../../resources/table/table-errors.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import type { DynamoDbParts } from './dynamodb-parts.ts';
import { named } from './table-operations.ts';
import { onTable } from './table-reference.ts';

type Answer<Output> = Promise<Omit<Output, '$metadata'>>;

export const updateTimeToLive = ({ tables }: DynamoDbParts): OperationEntry => ({
  access: (context, input: UpdateTimeToLiveCommandInput) => [onTable(context, 'UpdateTimeToLive', input.TableName)],
  async run(context: AwsContext, input: UpdateTimeToLiveCommandInput): Answer<UpdateTimeToLiveCommandOutput> {
    const { account, name } = named(tables, context, input.TableName);
    const { Enabled: isOn = false, AttributeName: attribute = '' } = input.TimeToLiveSpecification ?? {};
    await tables.update(account, name, ({ expiry }) => {
      if (expiry !== undefined && expiry.attribute !== attribute)
        throw invalidTable(
          `TimeToLive is active on a different AttributeName: current AttributeName is ${expiry.attribute}`,
        );
      if (isOn === (expiry !== undefined)) throw invalidTable(`TimeToLive is already ${isOn ? 'enabled' : 'disabled'}`);
      // AWS has both changes an hour apart; here the second waits for the first to be through.
      if (expiry?.isFilled === false)
        throw invalidTable('Time to live has been modified multiple times within a fixed interval');
      return { expiry: isOn ? { attribute } : 'off' };
    });
    return { TimeToLiveSpecification: { Enabled: isOn, AttributeName: attribute } };
  },
});

export const describeTimeToLive = ({ tables }: DynamoDbParts): OperationEntry => ({
  access: (context, input: DescribeTimeToLiveCommandInput) => [onTable(context, 'DescribeTimeToLive', input.TableName)],
  run(context: AwsContext, input: DescribeTimeToLiveCommandInput): Answer<DescribeTimeToLiveCommandOutput> {
    const { expiry } = named(tables, context, input.TableName);
    if (expiry === undefined) return Promise.resolve({ TimeToLiveDescription: { TimeToLiveStatus: 'DISABLED' } });
    const { attribute, isFilled } = expiry;
    return Promise.resolve({
      TimeToLiveDescription: { TimeToLiveStatus: isFilled ? 'ENABLED' : 'ENABLING', AttributeName: attribute },
    });
  },
});
