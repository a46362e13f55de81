/** Every service with the SDK that its users have, and values for members that only some texts fit. */
import * as cloudtrail from '@aws-sdk/client-cloudtrail';
import * as dynamodb from '@aws-sdk/client-dynamodb';
import * as dynamodbstreams from '@aws-sdk/client-dynamodb-streams';
import * as events from '@aws-sdk/client-eventbridge';
import * as iam from '@aws-sdk/client-iam';
import * as kms from '@aws-sdk/client-kms';
import * as lambda from '@aws-sdk/client-lambda';
import * as pipes from '@aws-sdk/client-pipes';
import * as s3 from '@aws-sdk/client-s3';
import * as scheduler from '@aws-sdk/client-scheduler';
import * as secrets from '@aws-sdk/client-secrets-manager';
import * as ses from '@aws-sdk/client-ses';
import * as sesv2 from '@aws-sdk/client-sesv2';
import * as sns from '@aws-sdk/client-sns';
import * as sqs from '@aws-sdk/client-sqs';
import * as ssm from '@aws-sdk/client-ssm';
import * as sts from '@aws-sdk/client-sts';
import { cloudtrailModel } from '../../src/aws/model/cloudtrail.ts';
import { dynamodbModel } from '../../src/aws/model/dynamodb.ts';
import { dynamodbstreamsModel } from '../../src/aws/model/dynamodbstreams.ts';
import { eventsModel } from '../../src/aws/model/events.ts';
import { iamModel } from '../../src/aws/model/iam.ts';
import { kmsModel } from '../../src/aws/model/kms.ts';
import { lambdaModel } from '../../src/aws/model/lambda.ts';
import { pipesModel } from '../../src/aws/model/pipes.ts';
import { s3Model } from '../../src/aws/model/s3.ts';
import { schedulerModel } from '../../src/aws/model/scheduler.ts';
import { secretsmanagerModel } from '../../src/aws/model/secretsmanager.ts';
import { sesModel } from '../../src/aws/model/ses.ts';
import { sesv2Model } from '../../src/aws/model/sesv2.ts';
import { snsModel } from '../../src/aws/model/sns.ts';
import { sqsModel } from '../../src/aws/model/sqs.ts';
import { ssmModel } from '../../src/aws/model/ssm.ts';
import { stsModel } from '../../src/aws/model/sts.ts';
import type { ModelTable } from '../../src/aws/protocol/shape.ts';
import type { KnownValues } from './minimal-input.ts';

const allowS3 = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}';
const trustOfLambda =
  '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}}';

export type MatrixService = {
  name: string;
  model: ModelTable;
  module: object;
  known: KnownValues;
  /** Members that are given though the model does not require them, by operation. */
  wanted?: Readonly<Record<string, readonly string[]>>;
};

/** What is there before: it belongs to this account. */
export type MatrixThings = { api: string; account: string; key: string; ciphertext: Uint8Array };

export function matrixServices({ api, account, key, ciphertext }: MatrixThings): readonly MatrixService[] {
  const arn = (service: string, resource: string): string => `arn:aws:${service}:us-east-1:${account}:${resource}`;
  const role = `arn:aws:iam::${account}:role/matrix`;
  const functionArn = arn('lambda', 'function:matrix');
  const layerArn = arn('lambda', 'layer:matrix:1');
  const queueArn = arn('sqs', 'matrix');
  const streamArn = arn('dynamodb', 'table/matrix/stream/2026-01-01T00:00:00.000');
  const subscription = arn('sns', 'matrix:00000000-0000-4000-8000-000000000000');
  const ofEvents = {
    ConnectionArn: arn('events', 'connection/matrix/00000000-0000-4000-8000-000000000000'),
    EventSourceArn: arn('events', 'event-bus/matrix'),
    'StartReplayRequest.EventSourceArn': arn('events', 'archive/matrix'),
    'ReplayDestination.Arn': arn('events', 'event-bus/matrix'),
    'Target.Arn': queueArn,
    AuthorizationType: 'API_KEY',
    AuthParameters: { ApiKeyAuthParameters: { ApiKeyName: 'x', ApiKeyValue: 'y' } },
    InvocationEndpoint: 'https://example.com/',
    HttpMethod: 'POST',
    EventPattern: '{"source":["matrix"]}',
    ScheduleExpression: 'rate(1 hour)',
    Event: '{}',
    ResourceARN: arn('events', 'rule/matrix'),
    TargetArn: queueArn,
    EventEndTime: new Date(Date.UTC(2020, 0, 2)),
    EventStartTime: new Date(Date.UTC(2020, 0, 1)),
  };
  return [
    {
      name: 's3',
      model: s3Model,
      module: s3,
      known: {
        CopySource: 'matrix/from',
        PartNumber: 1,
        Body: 'x',
        NotificationConfiguration: {},
        Tagging: { TagSet: [] },
      },
    },
    {
      name: 'sqs',
      model: sqsModel,
      module: sqs,
      known: {
        QueueUrl: `${api}/${account}/matrix`,
        SourceArn: queueArn,
        Attributes: { VisibilityTimeout: '30' },
        AWSAccountIds: [account],
        Actions: ['SendMessage'],
        ReceiptHandle: 'AAAA',
      },
    },
    {
      name: 'sns',
      model: snsModel,
      module: sns,
      known: {
        TopicArn: arn('sns', 'matrix'),
        ResourceArn: arn('sns', 'matrix'),
        SubscriptionArn: subscription,
        AWSAccountId: [account],
        ActionName: ['Publish'],
        AttributeName: 'DisplayName',
        Protocol: 'sqs',
        DataProtectionPolicy: '{}',
      },
      wanted: { Publish: ['TopicArn'], Subscribe: ['Endpoint'] },
    },
    {
      name: 'ses',
      model: sesModel,
      module: ses,
      known: {
        Message: { Subject: { Data: 'x' }, Body: { Text: { Data: 'x' } } },
        Destination: { ToAddresses: ['to@example.com'] },
        Source: 'from@example.com',
        RawMessage: { Data: Buffer.from('From: from@example.com\r\nTo: to@example.com\r\n\r\nx') },
        TemplateData: '{}',
      },
      wanted: { SendRawEmail: ['Source', 'Destinations'] },
    },
    {
      name: 'sesv2',
      model: sesv2Model,
      module: sesv2,
      known: {
        FromEmailAddress: 'from@example.com',
        EmailIdentity: 'from@example.com',
        Destination: { ToAddresses: ['to@example.com'] },
        Content: { Simple: { Subject: { Data: 'x' }, Body: { Text: { Data: 'x' } } } },
        DefaultContent: { Template: { TemplateName: 'matrix', TemplateData: '{}' } },
        BulkEmailEntries: [{ Destination: { ToAddresses: ['to@example.com'] } }],
        ResourceArn: arn('ses', 'identity/from@example.com'),
      },
      wanted: { SendEmail: ['FromEmailAddress', 'Destination'], SendBulkEmail: ['FromEmailAddress'] },
    },
    { name: 'events', model: eventsModel, module: events, known: ofEvents, wanted: { PutRule: ['EventPattern'] } },
    {
      name: 'scheduler',
      model: schedulerModel,
      module: scheduler,
      known: {
        FlexibleTimeWindow: { Mode: 'OFF' },
        ScheduleExpression: 'rate(1 hour)',
        Target: { Arn: queueArn, RoleArn: role },
        ResourceArn: arn('scheduler', 'schedule-group/matrix'),
      },
    },
    {
      name: 'pipes',
      model: pipesModel,
      module: pipes,
      known: {
        Source: queueArn,
        Target: functionArn,
        RoleArn: role,
        ResourceArn: arn('pipes', 'pipe/matrix'),
        resourceArn: arn('pipes', 'pipe/matrix'),
      },
    },
    {
      name: 'lambda',
      model: lambdaModel,
      module: lambda,
      known: {
        Role: role,
        Code: { ZipFile: new Uint8Array([1]) },
        'AddLayerVersionPermissionRequest.Action': 'lambda:GetLayerVersion',
        Action: 'lambda:InvokeFunction',
        Principal: '*',
        FunctionVersion: '1',
        AuthType: 'AWS_IAM',
        ResourceArn: functionArn,
        Resource: functionArn,
        Arn: layerArn,
        RecursiveLoop: 'Terminate',
        UpdateRuntimeOn: 'Auto',
        EventSourceArn: queueArn,
        Policy: '{"Version":"2012-10-17","Statement":[]}',
        Qualifier: '1',
      },
      wanted: { CreateEventSourceMapping: ['EventSourceArn'], CreateFunction: ['Handler', 'Runtime'] },
    },
    {
      name: 'kms',
      model: kmsModel,
      module: kms,
      known: {
        KeyId: key,
        TargetKeyId: key,
        SourceKeyId: key,
        DestinationKeyId: key,
        AliasName: 'alias/matrix',
        'CreateAliasRequest.AliasName': 'alias/made',
        CiphertextBlob: ciphertext,
        Operations: ['Encrypt'],
        KeyAgreementAlgorithm: 'ECDH',
        KeyPairSpec: 'ECC_NIST_P256',
        MacAlgorithm: 'HMAC_SHA_256',
        SigningAlgorithm: 'ECDSA_SHA_256',
        GranteePrincipal: `arn:aws:iam::${account}:root`,
        GrantId: 'matrix',
        PolicyName: 'default',
        NumberOfBytes: 16,
      },
      wanted: {
        RetireGrant: ['KeyId', 'GrantId'],
        Decrypt: ['CiphertextBlob'],
        ReEncrypt: ['CiphertextBlob'],
        GenerateDataKey: ['NumberOfBytes'],
        GenerateDataKeyWithoutPlaintext: ['NumberOfBytes'],
      },
    },
    {
      name: 'dynamodb',
      model: dynamodbModel,
      module: dynamodb,
      known: {
        TableName: 'matrix',
        ResourceArn: arn('dynamodb', 'table/matrix'),
        Policy: '{"Version":"2012-10-17","Statement":[]}',
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        BillingMode: 'PAY_PER_REQUEST',
        Item: { id: { S: 'x' } },
        Key: { id: { S: 'x' } },
        'Tag.Key': 'matrix',
        KeyConditionExpression: 'id = :id',
        ExpressionAttributeValues: { ':id': { S: 'x' } },
        ConditionExpression: 'attribute_exists(id)',
        'BatchGetItemInput.RequestItems': { matrix: { Keys: [{ id: { S: 'x' } }] } },
        'BatchWriteItemInput.RequestItems': { matrix: [{ PutRequest: { Item: { id: { S: 'x' } } } }] },
        'TransactGetItemsInput.TransactItems': [{ Get: { TableName: 'matrix', Key: { id: { S: 'x' } } } }],
        'TransactWriteItemsInput.TransactItems': [
          { Put: { TableName: 'matrix', Item: { id: { S: 'x' } } } },
          { Delete: { TableName: 'matrix', Key: { id: { S: 'y' } } } },
        ],
        Statement: 'SELECT * FROM "matrix"',
      },
      wanted: {
        CreateTable: ['AttributeDefinitions', 'KeySchema', 'BillingMode'],
        Query: ['KeyConditionExpression', 'ExpressionAttributeValues'],
      },
    },
    {
      name: 'dynamodbstreams',
      model: dynamodbstreamsModel,
      module: dynamodbstreams,
      known: {
        StreamArn: streamArn,
        ShardId: 'shardId-00000000000000000000-00000000',
        ShardIteratorType: 'LATEST',
        ShardIterator: `${streamArn}|1|${Buffer.from(JSON.stringify(['shard', `1${'0'.repeat(20)}`, 0, 0])).toString('base64')}`,
      },
    },
    {
      name: 'secretsmanager',
      model: secretsmanagerModel,
      module: secrets,
      known: { ResourcePolicy: '{"Version":"2012-10-17","Statement":[]}', VersionStage: 'AWSPENDING' },
    },
    {
      name: 'iam',
      model: iamModel,
      module: iam,
      known: {
        PolicyDocument: allowS3,
        AssumeRolePolicyDocument: trustOfLambda,
        'UpdateAssumeRolePolicyRequest.PolicyDocument': trustOfLambda,
        PolicyArn: `arn:aws:iam::${account}:policy/matrix`,
        PermissionsBoundary: `arn:aws:iam::${account}:policy/matrix`,
        PolicySourceArn: `arn:aws:iam::${account}:user/matrix`,
        PolicyInputList: [allowS3],
        ActionNames: ['s3:GetObject'],
        OpenIDConnectProviderArn: `arn:aws:iam::${account}:oidc-provider/example.com`,
        Url: 'https://example.com',
        ClientID: 'matrix',
        ThumbprintList: ['0'.repeat(40)],
        Status: 'Inactive',
        AccessKeyId: 'AKIAIOSFODNN7EXAMPLE',
        AWSServiceName: 'lambda.amazonaws.com',
        VersionId: 'v1',
      },
    },
    {
      name: 'ssm',
      model: ssmModel,
      module: ssm,
      known: {
        Path: '/matrix',
        Labels: ['matrix'],
        ResourceType: 'Parameter',
        'PutParameterRequest.Type': 'String',
        ResourceArn: arn('ssm', 'parameter/matrix'),
        Policy: allowS3,
      },
      wanted: { PutParameter: ['Type'] },
    },
    {
      name: 'cloudtrail',
      model: cloudtrailModel,
      module: cloudtrail,
      known: { ResourceId: arn('cloudtrail', 'trail/matrix') },
    },
    {
      name: 'sts',
      model: stsModel,
      module: sts,
      known: { RoleArn: `${role}-to-assume`, AccessKeyId: 'ASIAQNZGKIQY56JQ7WML' },
    },
  ];
}
