/**
 * Layers, permissions and URLs. The function `made` is there with versions 1 and 2 and the alias `live` on 1, a URL and
 * the statement `there`; and the layer `tools`, version 1.
 */
import {
  AddLayerVersionPermissionCommand,
  AddPermissionCommand,
  CreateFunctionUrlConfigCommand,
  DeleteLayerVersionCommand,
  GetFunctionUrlConfigCommand,
  GetLayerVersionByArnCommand,
  GetLayerVersionCommand,
  GetLayerVersionPolicyCommand,
  GetPolicyCommand,
  PublishLayerVersionCommand,
  RemovePermissionCommand,
  UpdateFunctionConfigurationCommand,
  type AddPermissionCommandInput,
} from '@aws-sdk/client-lambda';
import { arnOf } from '../lambda-rig.ts';
import {
  atMost,
  conflict,
  inPattern,
  invalid,
  malformed,
  notFound,
  oneOf,
  sources,
  violation,
  type WrongRequest,
} from './wrong-request.ts';

const { recorded } = sources;
const FunctionName = 'made';
const layerArn = (layer: string): string => `arn:aws:lambda:us-east-1:000000000000:layer:${layer}`;
const notThere = 'The resource you requested does not exist.';

const withLayers = (...Layers: string[]) => new UpdateFunctionConfigurationCommand({ FunctionName, Layers });

const wrongLayers: readonly WrongRequest[] = [
  invalid(
    'six layers',
    withLayers(...Array.from({ length: 6 }, (_, index) => layerArn(`layer${index}:1`))),
    /^Cannot reference more than 5 layers\.$/,
    recorded,
  ),
  invalid(
    'an unknown layer',
    withLayers(layerArn('none:1')),
    `Layer version ${layerArn('none:1')} does not exist.`,
    recorded,
  ),
  malformed(
    'a layer without a version',
    withLayers(layerArn('tools')),
    violation('layers', 'Member must satisfy constraint: \\['),
  ),
  notFound(
    'an unknown layer’s version',
    new GetLayerVersionCommand({ LayerName: 'none', VersionNumber: 1 }),
    notThere,
    recorded,
  ),
  notFound(
    'an unknown version of a layer',
    new GetLayerVersionCommand({ LayerName: 'tools', VersionNumber: 9 }),
    notThere,
    recorded,
  ),
  invalid(
    'version 0 of a layer',
    new GetLayerVersionCommand({ LayerName: 'tools', VersionNumber: 0 }),
    'Layer Version Cannot be less than 1',
    recorded,
  ),
  invalid(
    'deleting version 0 of a layer',
    new DeleteLayerVersionCommand({ LayerName: 'tools', VersionNumber: 0 }),
    'Layer Version Cannot be less than 1',
    recorded,
  ),
  malformed(
    'a layer by an ARN without a version',
    new GetLayerVersionByArnCommand({ Arn: layerArn('tools') }),
    violation('arn', inPattern),
  ),
  notFound(
    'the policy of a layer that has none',
    new GetLayerVersionPolicyCommand({ LayerName: 'tools', VersionNumber: 1 }),
    'No policy is associated with the given resource.',
    recorded,
  ),
  malformed(
    'permission for more than reading a layer',
    new AddLayerVersionPermissionCommand({
      LayerName: 'tools',
      VersionNumber: 1,
      StatementId: 'a',
      Action: 'lambda:*',
      Principal: '*',
    }),
    violation('action', inPattern, 'lambda:*'),
  ),
  invalid(
    'a layer of what is no zip',
    new PublishLayerVersionCommand({ LayerName: 'broken', Content: { ZipFile: Buffer.from('not a zip') } }),
    'Could not unzip uploaded file. Please check your file, then try to upload again.',
    recorded,
  ),
];

const permit = (more: Partial<AddPermissionCommandInput>) =>
  new AddPermissionCommand({
    FunctionName,
    StatementId: 'new',
    Action: 'lambda:InvokeFunction',
    Principal: 's3.amazonaws.com',
    ...more,
  });

const wrongPermissions: readonly WrongRequest[] = [
  conflict(
    'a statement that is there',
    permit({ StatementId: 'there' }),
    'The statement id (there) provided already exists. Please provide a new statement id, or remove the existing statement.',
    recorded,
  ),
  invalid(
    'permission for nobody',
    permit({ Principal: 'nobody' }),
    'The provided principal was invalid. Please check the principal and try again.',
    recorded,
  ),
  malformed(
    'permission to do something else',
    permit({ Action: 's3:GetObject' }),
    violation('action', inPattern, 's3:GetObject'),
  ),
  malformed('an account of two digits', permit({ SourceAccount: '12' }), violation('sourceAccount', inPattern, '12')),
  malformed('a statement with a blank', permit({ StatementId: 'a b' }), violation('statementId', inPattern, 'a b')),
  invalid(
    'permission on $LATEST by name',
    permit({ Qualifier: '$LATEST' }),
    'We currently do not support adding policies for $LATEST.',
    recorded,
  ),
  notFound(
    'permission on an unknown function',
    permit({ FunctionName: 'none' }),
    `Function not found: ${arnOf('none')}`,
    recorded,
  ),
  notFound(
    'removing an unknown statement',
    new RemovePermissionCommand({ FunctionName, StatementId: 'none' }),
    'Statement none is not found in resource policy.',
    recorded,
  ),
  notFound(
    'the policy of a version that has none',
    new GetPolicyCommand({ FunctionName, Qualifier: '2' }),
    notThere,
    recorded,
  ),
];

const wrongUrls: readonly WrongRequest[] = [
  conflict(
    'a second URL',
    new CreateFunctionUrlConfigCommand({ FunctionName, AuthType: 'NONE' }),
    `Failed to create function url config for [functionArn = ${arnOf('made')}]. Error message:  FunctionUrlConfig exists for this Lambda function`,
    recorded,
  ),
  malformed(
    'a URL of a version',
    new CreateFunctionUrlConfigCommand({ FunctionName, AuthType: 'NONE', Qualifier: '1' }),
    violation('qualifier', inPattern, '1'),
  ),
  malformed(
    'a URL that asks for something else',
    new CreateFunctionUrlConfigCommand({ FunctionName, Qualifier: 'live', AuthType: 'BASIC' as 'NONE' }),
    violation('authType', oneOf('NONE', 'AWS_IAM'), 'BASIC'),
  ),
  malformed(
    'a URL that answers in another way',
    new CreateFunctionUrlConfigCommand({
      FunctionName,
      Qualifier: 'live',
      AuthType: 'NONE',
      InvokeMode: 'LATER' as 'BUFFERED',
    }),
    violation('invokeMode', oneOf('BUFFERED', 'RESPONSE_STREAM'), 'LATER'),
  ),
  malformed(
    'preflights kept for two days',
    new CreateFunctionUrlConfigCommand({
      FunctionName,
      Qualifier: 'live',
      AuthType: 'NONE',
      Cors: { MaxAge: 172_800 },
    }),
    violation('cors.maxAge', atMost(86_400), '172800'),
  ),
  notFound(
    'the URL of an alias that has none',
    new GetFunctionUrlConfigCommand({ FunctionName, Qualifier: 'live' }),
    notThere,
    recorded,
  ),
  notFound(
    'a URL of an unknown function',
    new CreateFunctionUrlConfigCommand({ FunctionName: 'none', AuthType: 'NONE' }),
    /^Function (does not exist|not found: arn:aws:lambda:us-east-1:000000000000:function:none)$/,
    recorded,
  ),
];

export const wrongAroundFunctions: readonly WrongRequest[] = [...wrongLayers, ...wrongPermissions, ...wrongUrls];
