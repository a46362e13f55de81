/**
 * An entry of the audit log in CloudTrail's words.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
 */
import type { Actor, AuditEntry } from '../../resources/audit-log/audit-entry.ts';
import { parseArn } from '../../util/arn.ts';
import { never } from '../../util/assert.ts';

/** `lambda.amazonaws.com`; of the platform's own API, which is nobody else's, `mayfly`. */
export const eventSourceOf = ({ service }: Pick<AuditEntry, 'service'>): string =>
  service === 'mayfly' ? 'mayfly' : `${sourceNames.get(service) ?? service}.amazonaws.com`;

/** Where the source is not named like the service in its ARNs. */
const sourceNames: ReadonlyMap<string, string> = new Map([
  ['sesv2', 'ses'],
  ['dynamodbstreams', 'dynamodb'],
]);

/** What LookupEvents gives as text: one record, in JSON. */
export function eventRecord(entry: AuditEntry, region: string): Readonly<Record<string, unknown>> {
  const { account, actor, error, isData, parameters } = entry;
  return {
    eventVersion: '1.11',
    userIdentity: userIdentity(actor),
    eventTime: new Date(entry.timeMs).toISOString().replace(/\.\d{3}Z$/, 'Z'),
    eventSource: eventSourceOf(entry),
    eventName: entry.operation,
    awsRegion: region,
    sourceIPAddress: entry.from.address === '' ? 'mayfly' : entry.from.address,
    userAgent: entry.from.userAgent,
    ...(error !== undefined && { errorCode: error.code, errorMessage: error.message }),
    requestParameters: Object.keys(parameters).length === 0 ? null : parameters,
    responseElements: null,
    ...(entry.count > 1 && { additionalEventData: { count: entry.count } }),
    requestID: entry.requestId,
    eventID: entry.id,
    readOnly: entry.isReadOnly,
    resources: entry.resources.map((arn) => ({
      ARN: arn,
      accountId: parseArn(arn)?.account || account,
      type: typeOf(arn),
    })),
    eventType: 'AwsApiCall',
    managementEvent: !isData,
    recipientAccountId: account,
    eventCategory: isData ? 'Data' : 'Management',
  };
}

/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html */
function userIdentity(actor: Actor): Readonly<Record<string, unknown>> {
  const { kind, account, arn, accessKeyId, name, issuer } = actor;
  const known = { arn, accountId: account, accessKeyId };
  switch (kind) {
    case 'administrator':
      return { type: 'Root', principalId: account, ...known };
    case 'user':
      return { type: 'IAMUser', principalId: arn, ...known, userName: name };
    case 'role':
    case 'function': {
      const sessionIssuer = {
        type: 'Role',
        arn: issuer ?? arn,
        accountId: account,
        userName: nameOfRole(issuer ?? arn),
      };
      return {
        type: 'AssumedRole',
        principalId: `${sessionIssuer.userName}:${name}`,
        ...known,
        sessionContext: { sessionIssuer },
      };
    }
    case 'federated':
      return { type: 'FederatedUser', principalId: `${account}:${name}`, ...known };
    case 'anonymous':
      return { type: 'AWSAccount', principalId: '', accountId: 'anonymous' };
    case 'unknown':
      return { type: 'Unknown', principalId: '', accountId: '', accessKeyId };
    case 'platform':
      return { type: 'AWSService', invokedBy: 'mayfly' };
    default:
      return never(kind);
  }
}

const nameOfRole = (arn: string): string => arn.split('/').at(1) ?? arn;

/** By the service and the beginning of the resource in an ARN. https://docs.aws.amazon.com/config/latest/developerguide/resource-config-reference.html */
const types: readonly [service: string, resource: RegExp, type: string][] = [
  ['lambda', /^function:/, 'AWS::Lambda::Function'],
  ['lambda', /^layer:/, 'AWS::Lambda::LayerVersion'],
  ['lambda', /^event-source-mapping:/, 'AWS::Lambda::EventSourceMapping'],
  ['s3', /\//, 'AWS::S3::Object'],
  ['s3', /^/, 'AWS::S3::Bucket'],
  ['sqs', /^/, 'AWS::SQS::Queue'],
  ['sns', /^[^:]+$/, 'AWS::SNS::Topic'],
  ['sns', /:/, 'AWS::SNS::Subscription'],
  ['events', /^rule\//, 'AWS::Events::Rule'],
  ['events', /^event-bus\//, 'AWS::Events::EventBus'],
  ['events', /^archive\//, 'AWS::Events::Archive'],
  ['events', /^connection\//, 'AWS::Events::Connection'],
  ['events', /^api-destination\//, 'AWS::Events::ApiDestination'],
  ['scheduler', /^schedule-group\//, 'AWS::Scheduler::ScheduleGroup'],
  ['scheduler', /^schedule\//, 'AWS::Scheduler::Schedule'],
  ['pipes', /^pipe\//, 'AWS::Pipes::Pipe'],
  ['iam', /^user\//, 'AWS::IAM::User'],
  ['iam', /^group\//, 'AWS::IAM::Group'],
  ['iam', /^role\//, 'AWS::IAM::Role'],
  ['iam', /^policy\//, 'AWS::IAM::Policy'],
  ['kms', /^key\//, 'AWS::KMS::Key'],
  ['kms', /^alias\//, 'AWS::KMS::Alias'],
  ['dynamodb', /^table\/[^/]+$/, 'AWS::DynamoDB::Table'],
  ['secretsmanager', /^secret:/, 'AWS::SecretsManager::Secret'],
  ['ssm', /^parameter\//, 'AWS::SSM::Parameter'],
  ['ses', /^identity\//, 'AWS::SES::EmailIdentity'],
];

/** Undefined: CloudTrail would have none either. */
export function typeOf(arn: string): string | undefined {
  const parsed = parseArn(arn);
  return types.find(([service, resource]) => service === parsed?.service && resource.test(parsed.resource))?.[2];
}
