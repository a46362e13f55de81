import type {
  ApiDestination as ListedDestination,
  CreateApiDestinationRequest,
  CreateApiDestinationResponse,
  DeleteApiDestinationRequest,
  DescribeApiDestinationRequest,
  DescribeApiDestinationResponse,
  ListApiDestinationsRequest,
  ListApiDestinationsResponse,
  UpdateApiDestinationRequest,
  UpdateApiDestinationResponse,
} from '@aws-sdk/client-eventbridge';
import { ratePerSecondDefault, type ApiDestination } from '../../resources/event-bus/api-destination.ts';
import type { Access, AwsContext, OperationEntry } from '../service.ts';
import { checkAddress } from './connection-auth.ts';
import type { EventsParts } from './events-parts.ts';
import { pageOf } from '../page.ts';
import { connectionArn, destinationArn, nameInArn, onResource } from './reference.ts';

const onDestination = (context: AwsContext, action: string, name: string | undefined) =>
  onResource(context, action, `api-destination/${name ?? ''}`);

/** The connection's credentials are used: naming it takes permission for it as well. */
const onConnection = (action: string, arn: string | undefined): Access[] =>
  arn === undefined ? [] : [{ action: `events:${action}`, resource: arn }];

export const createApiDestination = ({ buses, clock, ids }: EventsParts): OperationEntry => ({
  access: (context, input: CreateApiDestinationRequest) => [
    ...onDestination(context, 'CreateApiDestination', input.Name),
    ...onConnection('CreateApiDestination', input.ConnectionArn),
  ],
  async run(context: AwsContext, input: CreateApiDestinationRequest): Promise<CreateApiDestinationResponse> {
    const { Description: description, InvocationEndpoint: endpoint = '', HttpMethod: method = 'POST' } = input;
    checkAddress(endpoint, 'InvocationEndpoint');
    const nowMs = clock.now();
    const destination = await buses.apis.createDestination({
      account: context.account,
      name: input.Name ?? '',
      id: ids.uuid(),
      connection: nameInArn(context, input.ConnectionArn, 'connection', 'ConnectionArn'),
      endpoint,
      method,
      ratePerSecond: input.InvocationRateLimitPerSecond ?? ratePerSecondDefault,
      isPublicOnly: context.principal.kind !== 'administrator',
      createdMs: nowMs,
      modifiedMs: nowMs,
      ...(description !== undefined && { description }),
    });
    return state(context, destination);
  },
});

export const updateApiDestination = ({ buses, clock }: EventsParts): OperationEntry => ({
  access: (context, input: UpdateApiDestinationRequest) => [
    ...onDestination(context, 'UpdateApiDestination', input.Name),
    ...onConnection('UpdateApiDestination', input.ConnectionArn),
  ],
  async run(context: AwsContext, input: UpdateApiDestinationRequest): Promise<UpdateApiDestinationResponse> {
    const { Description: description, InvocationEndpoint: endpoint, HttpMethod: method, ConnectionArn } = input;
    const { InvocationRateLimitPerSecond: ratePerSecond } = input;
    if (endpoint !== undefined) checkAddress(endpoint, 'InvocationEndpoint');
    const connection =
      ConnectionArn === undefined ? undefined : nameInArn(context, ConnectionArn, 'connection', 'ConnectionArn');
    const destination = await buses.apis.updateDestination(context.account, input.Name ?? '', (present) => ({
      ...present,
      isPublicOnly: present.isPublicOnly || context.principal.kind !== 'administrator',
      modifiedMs: clock.now(),
      ...(description !== undefined && { description }),
      ...(endpoint !== undefined && { endpoint }),
      ...(method !== undefined && { method }),
      ...(connection !== undefined && { connection }),
      ...(ratePerSecond !== undefined && { ratePerSecond }),
    }));
    return state(context, destination);
  },
});

export const describeApiDestination = ({ buses }: EventsParts): OperationEntry => ({
  access: (context, input: DescribeApiDestinationRequest) =>
    onDestination(context, 'DescribeApiDestination', input.Name),
  run(context: AwsContext, input: DescribeApiDestinationRequest): Promise<DescribeApiDestinationResponse> {
    const destination = buses.apis.needDestination(context.account, input.Name ?? '');
    const { description } = destination;
    return Promise.resolve({
      ...listed(buses, context, destination),
      ...(description !== undefined && { Description: description }),
    });
  },
});

export const listApiDestinations = ({ buses }: EventsParts): OperationEntry => ({
  access: (context) => onResource(context, 'ListApiDestinations', '*'),
  run(context: AwsContext, input: ListApiDestinationsRequest): Promise<ListApiDestinationsResponse> {
    const { NamePrefix: prefix = '', ConnectionArn } = input;
    const connection =
      ConnectionArn === undefined ? undefined : nameInArn(context, ConnectionArn, 'connection', 'ConnectionArn');
    const found = buses.apis
      .destinations(context.account)
      .filter((one) => one.name.startsWith(prefix) && (connection === undefined || connection === one.connection));
    const { page, ...next } = pageOf(found, { token: input.NextToken, limit: input.Limit }, ({ name }) => name);
    return Promise.resolve({ ApiDestinations: page.map((one) => listed(buses, context, one)), ...next });
  },
});

export const deleteApiDestination = ({ buses }: EventsParts): OperationEntry => ({
  access: (context, input: DeleteApiDestinationRequest) => onDestination(context, 'DeleteApiDestination', input.Name),
  async run(context: AwsContext, input: DeleteApiDestinationRequest): Promise<object> {
    await buses.apis.deleteDestination(context.account, input.Name ?? '');
    return {};
  },
});

const isActive = (buses: EventsParts['buses'], { account, connection }: ApiDestination): boolean =>
  buses.apis.connection(account, connection)?.auth !== undefined;

const state = (context: AwsContext, destination: ApiDestination): CreateApiDestinationResponse => ({
  ApiDestinationArn: destinationArn(context, destination),
  ApiDestinationState: 'ACTIVE',
  CreationTime: new Date(destination.createdMs),
  LastModifiedTime: new Date(destination.modifiedMs),
});

function listed(buses: EventsParts['buses'], context: AwsContext, destination: ApiDestination): ListedDestination {
  const { account, connection } = destination;
  const found = buses.apis.connection(account, connection);
  return {
    ...state(context, destination),
    ApiDestinationState: isActive(buses, destination) ? 'ACTIVE' : 'INACTIVE',
    Name: destination.name,
    InvocationEndpoint: destination.endpoint,
    HttpMethod: destination.method,
    InvocationRateLimitPerSecond: destination.ratePerSecond,
    ...(found !== undefined && { ConnectionArn: connectionArn(context, found) }),
  };
}
