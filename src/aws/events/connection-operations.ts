import type {
  Connection as ListedConnection,
  CreateConnectionRequest,
  CreateConnectionResponse,
  DeauthorizeConnectionRequest,
  DeauthorizeConnectionResponse,
  DeleteConnectionRequest,
  DeleteConnectionResponse,
  DescribeConnectionRequest,
  DescribeConnectionResponse,
  ListConnectionsRequest,
  ListConnectionsResponse,
  UpdateConnectionRequest,
  UpdateConnectionResponse,
} from '@aws-sdk/client-eventbridge';
import type { Connection } from '../../resources/event-bus/api-destination.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { authShown, readAuth } from './connection-auth.ts';
import { notHere } from './events-errors.ts';
import type { EventsParts } from './events-parts.ts';
import { pageOf } from '../page.ts';
import { connectionArn, onResource } from './reference.ts';

const onConnection = (context: AwsContext, action: string, name: string | undefined) =>
  onResource(context, action, `connection/${name ?? ''}`);

export const createConnection = ({ buses, sealer, clock, ids }: EventsParts): OperationEntry => ({
  access: (context, input: CreateConnectionRequest) => onConnection(context, 'CreateConnection', input.Name),
  async run(context: AwsContext, input: CreateConnectionRequest): Promise<CreateConnectionResponse> {
    refusePrivate(input);
    const { Description: description } = input;
    const nowMs = clock.now();
    const identity = { account: context.account, name: input.Name ?? '', id: ids.uuid() };
    const connection = await buses.apis.createConnection({
      ...identity,
      ...readAuth(sealer, identity, input.AuthorizationType ?? '', input.AuthParameters, undefined),
      createdMs: nowMs,
      modifiedMs: nowMs,
      authorizedMs: nowMs,
      ...(description !== undefined && { description }),
    });
    return state(context, connection);
  },
});

export const updateConnection = ({ buses, sealer, clock }: EventsParts): OperationEntry => ({
  access: (context, input: UpdateConnectionRequest) => onConnection(context, 'UpdateConnection', input.Name),
  async run(context: AwsContext, input: UpdateConnectionRequest): Promise<UpdateConnectionResponse> {
    refusePrivate(input);
    const nowMs = clock.now();
    const connection = await buses.apis.updateConnection(context.account, input.Name ?? '', (present) => {
      const { Description: description, AuthorizationType: type, AuthParameters: parameters } = input;
      const isAnew = type !== undefined || parameters !== undefined;
      const auth = isAnew
        ? { ...readAuth(sealer, present, type ?? present.authKind, parameters, present), authorizedMs: nowMs }
        : {};
      return { ...present, ...auth, modifiedMs: nowMs, ...(description !== undefined && { description }) };
    });
    return state(context, connection);
  },
});

/** Its credentials go; it is there until it is deleted. */
export const deauthorizeConnection = ({ buses, clock }: EventsParts): OperationEntry => ({
  access: (context, input: DeauthorizeConnectionRequest) => onConnection(context, 'DeauthorizeConnection', input.Name),
  async run(context: AwsContext, input: DeauthorizeConnectionRequest): Promise<DeauthorizeConnectionResponse> {
    const connection = await buses.apis.updateConnection(
      context.account,
      input.Name ?? '',
      ({ auth: _auth, ...present }) => ({
        ...present,
        extras: { headers: [], query: [], body: [] },
        modifiedMs: clock.now(),
      }),
    );
    return state(context, connection);
  },
});

export const describeConnection = ({ buses }: EventsParts): OperationEntry => ({
  access: (context, input: DescribeConnectionRequest) => onConnection(context, 'DescribeConnection', input.Name),
  run(context: AwsContext, input: DescribeConnectionRequest): Promise<DescribeConnectionResponse> {
    const connection = buses.apis.needConnection(context.account, input.Name ?? '');
    return Promise.resolve({
      ...listed(context, connection),
      ...(connection.description !== undefined && { Description: connection.description }),
      AuthParameters: authShown(connection),
    });
  },
});

export const listConnections = ({ buses }: EventsParts): OperationEntry => ({
  access: (context) => onResource(context, 'ListConnections', '*'),
  run(context: AwsContext, input: ListConnectionsRequest): Promise<ListConnectionsResponse> {
    const { NamePrefix: prefix = '', ConnectionState: wanted } = input;
    const found = buses.apis
      .connections(context.account)
      .filter((one) => one.name.startsWith(prefix) && (wanted === undefined || wanted === stateOf(one)));
    const { page, ...next } = pageOf(found, { token: input.NextToken, limit: input.Limit }, ({ name }) => name);
    return Promise.resolve({ Connections: page.map((one) => listed(context, one)), ...next });
  },
});

export const deleteConnection = ({ buses }: EventsParts): OperationEntry => ({
  access: (context, input: DeleteConnectionRequest) => onConnection(context, 'DeleteConnection', input.Name),
  async run(context: AwsContext, input: DeleteConnectionRequest): Promise<DeleteConnectionResponse> {
    const connection = await buses.apis.deleteConnection(context.account, input.Name ?? '');
    return { ...state(context, connection), ConnectionState: 'DELETING' };
  },
});

function refusePrivate(input: CreateConnectionRequest | UpdateConnectionRequest): void {
  if (input.InvocationConnectivityParameters !== undefined)
    throw notHere('InvocationConnectivityParameters', 'VPC resources are not built');
  if (input.KmsKeyIdentifier) throw notHere('KmsKeyIdentifier', "secrets are sealed with the platform's own key");
}

const stateOf = ({ auth }: Connection): 'AUTHORIZED' | 'DEAUTHORIZED' =>
  auth === undefined ? 'DEAUTHORIZED' : 'AUTHORIZED';

const state = (
  context: AwsContext,
  connection: Connection,
): CreateConnectionResponse & { LastAuthorizedTime?: Date } => ({
  ConnectionArn: connectionArn(context, connection),
  ConnectionState: stateOf(connection),
  CreationTime: new Date(connection.createdMs),
  LastModifiedTime: new Date(connection.modifiedMs),
  ...(connection.authorizedMs !== undefined && { LastAuthorizedTime: new Date(connection.authorizedMs) }),
});

const listed = (context: AwsContext, connection: Connection): ListedConnection => ({
  ...state(context, connection),
  Name: connection.name,
  AuthorizationType: connection.authKind,
});
