/** Every call of the admin API: what answers it, and the action that it takes, as policies name it (`mayfly:Deploy`). */
import { deleteAccount, getAccount, listAccounts, patchAccount, postAccount, postAccountKey } from './accounts.ts';
import { getDoctor, getHealth, getMetrics, getPlatform, postConsoleToken, postReset } from './about.ts';
import { getAuditLog, getAuditVerification } from './audit.ts';
import { getBill, getUsage } from './bill.ts';
import { getColdStarts } from './cold-starts.ts';
import { getLetter, listDeadLetterPlaces, listLetters, purgeLetters, redriveLetters } from './dead-letters.ts';
import { getDelivery, listDeliveries } from './deliveries.ts';
import { deleteDeployment, headBundle, listDeployments, postDeployment, putBundle } from './deployments.ts';
import { getInvocation, listEnvironments } from './explained-invocation.ts';
import { deleteFunction, getFunction, listDeadLetters, listFunctions, rollbackFunction } from './functions.ts';
import { listInvocations, postInvocation } from './invocations.ts';
import { getKeys, postKeyRotation } from './keys.ts';
import { getLogs } from './logs.ts';
import { getMail, listMails } from './mail.ts';
import { getDecision, getFindings, getPermissions } from './review.ts';
import { deleteAdvisories, getAdvisories, getSbom, postAdvisories } from './sbom.ts';
import { getSigners, putSigners } from './signers.ts';
import { listBuckets, listBuses, listQueues, listSchedules, listTables, listTopics, postMessage } from './resources.ts';
import type { Endpoint } from './endpoint.ts';

/** Answers without a principal. */
export const healthPath = '/_mayfly/health';

export type ControlEndpoint = readonly [
  method: string,
  path: string,
  endpoint: Endpoint,
  action: string,
  /** It is about the platform, and so for those of the operator's own account alone. */
  of?: 'operator',
];

export const endpoints: readonly ControlEndpoint[] = [
  ['GET', healthPath, getHealth, 'GetHealth'],
  ['GET', '/_mayfly/platform', getPlatform, 'GetPlatform'],
  ['HEAD', '/_mayfly/bundles/{hash}', headBundle, 'GetBundle'],
  ['PUT', '/_mayfly/bundles/{hash}', putBundle, 'PutBundle'],
  ['POST', '/_mayfly/deployments', postDeployment, 'Deploy'],
  ['GET', '/_mayfly/deployments', listDeployments, 'ListDeployments'],
  ['DELETE', '/_mayfly/deployments/{application}', deleteDeployment, 'DeleteDeployment'],
  ['GET', '/_mayfly/functions', listFunctions, 'ListFunctions'],
  ['GET', '/_mayfly/functions/{name}', getFunction, 'GetFunction'],
  ['DELETE', '/_mayfly/functions/{name}', deleteFunction, 'DeleteFunction'],
  ['POST', '/_mayfly/functions/{name}/invocations', postInvocation, 'Invoke'],
  ['POST', '/_mayfly/functions/{name}/rollback', rollbackFunction, 'Rollback'],
  ['GET', '/_mayfly/functions/{name}/logs', getLogs, 'GetLogs'],
  ['GET', '/_mayfly/functions/{name}/dead-letters', listDeadLetters, 'ListDeadLetters'],
  ['GET', '/_mayfly/deliveries', listDeliveries, 'ListDeliveries'],
  ['GET', '/_mayfly/deliveries/{id}', getDelivery, 'GetDelivery'],
  ['GET', '/_mayfly/dead-letters', listDeadLetterPlaces, 'ListDeadLetterPlaces'],
  ['GET', '/_mayfly/dead-letters/{place}', listLetters, 'ListDeadLetters'],
  ['GET', '/_mayfly/dead-letters/{place}/{id}', getLetter, 'GetDeadLetter'],
  ['POST', '/_mayfly/dead-letters/{place}/redrive', redriveLetters, 'RedriveDeadLetters'],
  ['DELETE', '/_mayfly/dead-letters/{place}', purgeLetters, 'PurgeDeadLetters'],
  ['GET', '/_mayfly/invocations', listInvocations, 'ListInvocations'],
  ['GET', '/_mayfly/invocations/{requestId}', getInvocation, 'GetInvocation'],
  ['GET', '/_mayfly/environments', listEnvironments, 'ListEnvironments'],
  ['GET', '/_mayfly/cold-starts', getColdStarts, 'GetColdStarts'],
  ['GET', '/_mayfly/keys', getKeys, 'GetKeys', 'operator'],
  ['POST', '/_mayfly/keys/rotation', postKeyRotation, 'RotateKeys', 'operator'],
  ['GET', '/_mayfly/audit', getAuditLog, 'GetAuditLog'],
  ['GET', '/_mayfly/audit/verification', getAuditVerification, 'GetAuditLog'],
  ['GET', '/_mayfly/functions/{name}/sbom', getSbom, 'GetSbom'],
  ['GET', '/_mayfly/signers', getSigners, 'GetSigners'],
  ['PUT', '/_mayfly/signers', putSigners, 'PutSigners'],
  ['GET', '/_mayfly/advisories', getAdvisories, 'GetAdvisories'],
  ['POST', '/_mayfly/advisories', postAdvisories, 'UpdateAdvisories', 'operator'],
  ['DELETE', '/_mayfly/advisories', deleteAdvisories, 'UpdateAdvisories', 'operator'],
  ['GET', '/_mayfly/audit/findings', getFindings, 'GetFindings'],
  ['GET', '/_mayfly/iam/decision', getDecision, 'GetDecision'],
  ['GET', '/_mayfly/functions/{name}/permissions', getPermissions, 'GetUsedPermissions'],
  ['GET', '/_mayfly/bill', getBill, 'GetBill'],
  ['GET', '/_mayfly/usage', getUsage, 'GetUsage'],
  ['GET', '/_mayfly/buckets', listBuckets, 'ListBuckets'],
  ['GET', '/_mayfly/queues', listQueues, 'ListQueues'],
  ['GET', '/_mayfly/topics', listTopics, 'ListTopics'],
  ['GET', '/_mayfly/buses', listBuses, 'ListBuses'],
  ['GET', '/_mayfly/tables', listTables, 'ListTables'],
  ['GET', '/_mayfly/mail', listMails, 'ListMails'],
  ['GET', '/_mayfly/mail/{id}', getMail, 'GetMail'],
  ['GET', '/_mayfly/schedules', listSchedules, 'ListSchedules'],
  ['POST', '/_mayfly/queues/{name}/messages', postMessage, 'SendMessage'],
  ['GET', '/_mayfly/doctor', getDoctor, 'GetDoctor', 'operator'],
  ['GET', '/_mayfly/metrics', getMetrics, 'GetMetrics', 'operator'],
  ['POST', '/_mayfly/console-tokens', postConsoleToken, 'CreateConsoleToken'],
  ['POST', '/_mayfly/reset', postReset, 'Reset', 'operator'],
  ['GET', '/_mayfly/accounts', listAccounts, 'ListAccounts', 'operator'],
  ['POST', '/_mayfly/accounts', postAccount, 'CreateAccount', 'operator'],
  ['GET', '/_mayfly/accounts/{id}', getAccount, 'GetAccount', 'operator'],
  ['PATCH', '/_mayfly/accounts/{id}', patchAccount, 'UpdateAccount', 'operator'],
  ['DELETE', '/_mayfly/accounts/{id}', deleteAccount, 'DeleteAccount', 'operator'],
  ['POST', '/_mayfly/accounts/{id}/keys', postAccountKey, 'CreateAccountKey', 'operator'],
];
