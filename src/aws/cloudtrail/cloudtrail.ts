/**
 * AWS CloudTrail's event history over the audit log. Trails, lakes and insights are not built: the log itself is kept
 * whole for as long as CloudTrail keeps its history. docs/reference/audit-log.md says what differs.
 * https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/Welcome.html
 */
import type { AuditLog } from '../../resources/audit-log.ts';
import { cloudtrailModel, type CloudtrailOperationName } from '../model/cloudtrail.ts';
import type { AwsService, OperationTable } from '../service.ts';
import { lookupEvents } from './lookup-events.ts';

export function createCloudtrailService({ audit }: { audit: Pick<AuditLog, 'page'> }): AwsService {
  const operations: OperationTable<CloudtrailOperationName> = { LookupEvents: lookupEvents(audit) };
  return {
    name: 'cloudtrail',
    signingNames: ['cloudtrail'],
    protocols: ['json-1.1'],
    model: cloudtrailModel,
    operations,
  };
}
