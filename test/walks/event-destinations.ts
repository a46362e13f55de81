import type { Step } from '../harness/walk.ts';
import { arn } from './event-names.ts';

const apiKey = { ApiKeyAuthParameters: { ApiKeyName: 'x-key', ApiKeyValue: 'secret' } };
const destination = (seen: (step: string, member: string) => string) => ({
  Name: 'partner',
  ConnectionArn: seen('make a connection', 'ConnectionArn'),
  InvocationEndpoint: 'https://example.com/orders/*',
  HttpMethod: 'POST',
  InvocationRateLimitPerSecond: 10,
});

export const destinations: readonly Step[] = [
  {
    name: 'make a connection',
    operation: 'CreateConnection',
    input: { Name: 'partner', AuthorizationType: 'API_KEY', AuthParameters: apiKey, Description: 'theirs' },
    gives: { ConnectionState: 'AUTHORIZED' },
  },
  {
    name: 'make a connection again',
    operation: 'CreateConnection',
    input: { Name: 'partner', AuthorizationType: 'API_KEY', AuthParameters: apiKey },
    refused: 'ResourceAlreadyExistsException',
  },
  {
    name: 'make a connection of no kind',
    operation: 'CreateConnection',
    input: { Name: 'other', AuthorizationType: 'MAGIC', AuthParameters: apiKey },
    refused: 'ValidationException',
  },
  {
    name: 'make a connection of another kind',
    operation: 'CreateConnection',
    input: { Name: 'other', AuthorizationType: 'BASIC', AuthParameters: apiKey },
    refused: 'ValidationException',
  },
  {
    name: 'change a connection',
    operation: 'UpdateConnection',
    input: {
      Name: 'partner',
      AuthorizationType: 'BASIC',
      AuthParameters: { BasicAuthParameters: { Username: 'us', Password: 'secret' } },
    },
    gives: { ConnectionState: 'AUTHORIZED' },
  },
  {
    name: 'change no connection',
    operation: 'UpdateConnection',
    input: { Name: 'none' },
    refused: 'ResourceNotFoundException',
    says: "Connection 'none' does not exist.",
  },
  {
    name: 'describe a connection',
    operation: 'DescribeConnection',
    input: { Name: 'partner' },
    gives: {
      Name: 'partner',
      AuthorizationType: 'BASIC',
      ConnectionState: 'AUTHORIZED',
      Description: 'theirs',
      AuthParameters: { BasicAuthParameters: { Username: 'us', Password: undefined } },
    },
  },
  {
    name: 'describe no connection',
    operation: 'DescribeConnection',
    input: { Name: 'none' },
    refused: 'ResourceNotFoundException',
    says: "Connection 'none' does not exist.",
  },
  {
    name: 'connections',
    operation: 'ListConnections',
    input: { NamePrefix: 'pa' },
    gives: { Connections: [{ Name: 'partner', AuthorizationType: 'BASIC' }] },
  },
  {
    name: 'make an API destination',
    operation: 'CreateApiDestination',
    input: destination,
    gives: { ApiDestinationState: 'ACTIVE' },
  },
  {
    name: 'make an API destination again',
    operation: 'CreateApiDestination',
    input: destination,
    refused: 'ResourceAlreadyExistsException',
  },
  {
    name: 'make an API destination of no connection',
    operation: 'CreateApiDestination',
    input: (seen) => ({
      ...destination(seen),
      Name: 'other',
      ConnectionArn: arn('connection/none/00000000-0000-0000-0000-000000000000'),
    }),
    refused: 'ResourceNotFoundException',
  },
  {
    name: 'make an API destination that is no address',
    operation: 'CreateApiDestination',
    input: (seen) => ({ ...destination(seen), Name: 'other', InvocationEndpoint: 'nowhere' }),
    refused: 'ValidationException',
  },
  {
    name: 'make an API destination of no method',
    operation: 'CreateApiDestination',
    input: (seen) => ({ ...destination(seen), Name: 'other', HttpMethod: 'FETCH' }),
    refused: 'ValidationException',
  },
  {
    name: 'change an API destination',
    operation: 'UpdateApiDestination',
    input: { Name: 'partner', HttpMethod: 'PUT', Description: 'changed' },
    gives: { ApiDestinationState: 'ACTIVE' },
  },
  {
    name: 'change no API destination',
    operation: 'UpdateApiDestination',
    input: { Name: 'none' },
    refused: 'ResourceNotFoundException',
    says: "An api-destination 'none' does not exist.",
  },
  {
    name: 'describe an API destination',
    operation: 'DescribeApiDestination',
    input: { Name: 'partner' },
    gives: {
      Name: 'partner',
      HttpMethod: 'PUT',
      Description: 'changed',
      InvocationEndpoint: 'https://example.com/orders/*',
      InvocationRateLimitPerSecond: 10,
      ApiDestinationState: 'ACTIVE',
    },
  },
  {
    name: 'describe no API destination',
    operation: 'DescribeApiDestination',
    input: { Name: 'none' },
    refused: 'ResourceNotFoundException',
    says: "An api-destination 'none' does not exist.",
  },
  {
    name: 'API destinations',
    operation: 'ListApiDestinations',
    input: { NamePrefix: 'pa' },
    gives: { ApiDestinations: [{ Name: 'partner', HttpMethod: 'PUT' }] },
  },
  { name: 'take a connection’s credentials', operation: 'DeauthorizeConnection', input: { Name: 'partner' } },
  {
    name: 'take the credentials of no connection',
    operation: 'DeauthorizeConnection',
    input: { Name: 'none' },
    refused: 'ResourceNotFoundException',
  },
  { name: 'delete an API destination', operation: 'DeleteApiDestination', input: { Name: 'partner' } },
  {
    name: 'delete no API destination',
    operation: 'DeleteApiDestination',
    input: { Name: 'none' },
    refused: 'ResourceNotFoundException',
    says: "An api-destination 'none' does not exist.",
  },
  { name: 'delete a connection', operation: 'DeleteConnection', input: { Name: 'partner' } },
  {
    name: 'delete no connection',
    operation: 'DeleteConnection',
    input: { Name: 'none' },
    refused: 'ResourceNotFoundException',
    says: "Connection 'none' does not exist.",
  },
];
