/**
 * Calls that are about what a resource holds, and not about the resource: CloudTrail's data events. The audit log has
 * those alone that were refused.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html
 */
const dataCalls: ReadonlyMap<string, RegExp> = new Map(
  Object.entries({
    s3: /Object(?!LockConfiguration)|Part|Upload/,
    lambda: /^Invoke/,
    sqs: /^(?:Send|Receive|Delete|Change)Message/,
    sns: /^Publish/,
    events: /^PutEvents/,
    ses: /^Send/,
    dynamodbstreams: /^Get/,
    dynamodb: /Items?$|^(?:Query|Scan|Execute|BatchExecute)/,
  }),
);

/** `service`: its name in ARNs, or whatever a caller says. */
export const isDataCall = (service: string, operation: string): boolean =>
  dataCalls.get(service)?.test(operation) === true;
