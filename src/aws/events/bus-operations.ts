import type {
  CreateEventBusRequest,
  CreateEventBusResponse,
  DeleteEventBusRequest,
  DescribeEventBusRequest,
  DescribeEventBusResponse,
  EventBus as ListedBus,
  ListEventBusesRequest,
  ListEventBusesResponse,
  UpdateEventBusRequest,
  UpdateEventBusResponse,
} from '@aws-sdk/client-eventbridge';
import { defaultBus, type EventBus } from '../../resources/event-bus/event-bus.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { invalid, notHere } from './events-errors.ts';
import type { EventsParts } from './events-parts.ts';
import { pageOf } from '../page.ts';
import { busArn, busName, onBus, onResource, queueArn } from './reference.ts';
import { tagsOf } from './tags.ts';

export const createEventBus = ({ buses }: EventsParts): OperationEntry => ({
  access: (context, input: CreateEventBusRequest) => onBus(context, 'CreateEventBus', input.Name),
  async run(context: AwsContext, input: CreateEventBusRequest): Promise<CreateEventBusResponse> {
    const { Name: name = '', Description: description, KmsKeyIdentifier: kmsKey, DeadLetterConfig, Tags } = input;
    if (input.EventSourceName !== undefined) throw notHere('EventSourceName', "partners' event sources are not built");
    if (name.includes('/')) throw invalid("Event bus name must not contain '/'.", 'Name');
    if (kmsKey !== undefined) throw notHere('KmsKeyIdentifier', 'nothing of it is encrypted with keys of callers');
    const bus = await buses.createBus(context.account, name, {
      tags: tagsOf(Tags),
      ...(description !== undefined && { description }),
      ...(DeadLetterConfig?.Arn !== undefined && {
        deadLetterQueue: queueArn(DeadLetterConfig.Arn, 'DeadLetterConfig'),
      }),
    });
    return { EventBusArn: busArn(context, bus), ...settingsOf(bus) };
  },
});

export const updateEventBus = ({ buses }: EventsParts): OperationEntry => ({
  access: (context, input: UpdateEventBusRequest) => onBus(context, 'UpdateEventBus', input.Name),
  async run(context: AwsContext, input: UpdateEventBusRequest): Promise<UpdateEventBusResponse> {
    const { Description: description, DeadLetterConfig, KmsKeyIdentifier: kmsKey } = input;
    if (kmsKey !== undefined && kmsKey !== '')
      throw notHere('KmsKeyIdentifier', 'nothing of it is encrypted with keys of callers');
    const bus = await buses.updateBus(context.account, busName(context, input.Name), () => ({
      ...(description !== undefined && { description }),
      ...(DeadLetterConfig?.Arn !== undefined && {
        deadLetterQueue: queueArn(DeadLetterConfig.Arn, 'DeadLetterConfig'),
      }),
    }));
    return { Arn: busArn(context, bus), Name: bus.name, ...settingsOf(bus) };
  },
});

export const describeEventBus = ({ buses }: EventsParts): OperationEntry => ({
  access: (context, input: DescribeEventBusRequest) => onBus(context, 'DescribeEventBus', input.Name),
  run(context: AwsContext, input: DescribeEventBusRequest): Promise<DescribeEventBusResponse> {
    const bus = buses.needBus(context.account, busName(context, input.Name));
    return Promise.resolve({ ...listed(context, bus), ...settingsOf(bus) });
  },
});

export const listEventBuses = ({ buses }: EventsParts): OperationEntry => ({
  access: (context) => onResource(context, 'ListEventBuses', '*'),
  run(context: AwsContext, input: ListEventBusesRequest): Promise<ListEventBusesResponse> {
    const { NamePrefix: prefix = '' } = input;
    const found = buses.buses(context.account).filter(({ name }) => name.startsWith(prefix));
    const { page, ...next } = pageOf(found, { token: input.NextToken, limit: input.Limit }, ({ name }) => name);
    return Promise.resolve({ EventBuses: page.map((bus) => listed(context, bus)), ...next });
  },
});

/** One that is not there is deleted, too. */
export const deleteEventBus = ({ buses }: EventsParts): OperationEntry => ({
  access: (context, input: DeleteEventBusRequest) => onBus(context, 'DeleteEventBus', input.Name),
  async run(context: AwsContext, input: DeleteEventBusRequest): Promise<object> {
    const name = busName(context, input.Name);
    if (name === defaultBus) throw invalid('Cannot delete event bus default.', 'Name');
    await buses.deleteBus(context.account, name);
    return {};
  },
});

const settingsOf = ({ description, deadLetterQueue }: EventBus): object => ({
  ...(description !== undefined && { Description: description }),
  ...(deadLetterQueue !== undefined && { DeadLetterConfig: { Arn: deadLetterQueue } }),
});

const listed = (context: AwsContext, bus: EventBus): ListedBus => ({
  Name: bus.name,
  Arn: busArn(context, bus),
  ...(bus.policy !== undefined && { Policy: bus.policy }),
  ...(bus.description !== undefined && { Description: bus.description }),
  ...(bus.createdMs > 0 && { CreationTime: new Date(bus.createdMs), LastModifiedTime: new Date(bus.modifiedMs) }),
});
