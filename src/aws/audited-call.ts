/**
 * Which calls of AWS's APIs are in the audit log, and what of them: every call that is about a resource itself, and every
 * call that was refused. Of what the caller gave only names and numbers are kept: any other text may be a secret.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
 */
import { actorOf, unknownActor } from '../identity/actor.ts';
import type { Principal } from '../identity/principal.ts';
import { parseClaim } from '../identity/signature-claim.ts';
import type { AuditEvent } from '../resources/audit-log/audit-entry.ts';
import type { PlatformError } from '../util/errors.ts';
import type { HttpRequest } from '../util/http.ts';
import type { AccountId } from '../util/ids.ts';
import { isDataCall } from './data-calls.ts';
import type { Access } from './service.ts';

export type AuditedCall = {
  request: HttpRequest;
  requestId: string;
  service: string;
  /** Undefined: refused before it was known. */
  operation: string | undefined;
  /** Undefined: it is not believed who asked. */
  principal: Principal | undefined;
  /** Whose things it is about; undefined: what their ARNs say, or nobody knows yet. */
  owner?: AccountId | undefined;
  accesses: readonly Access[];
  input: Readonly<Record<string, unknown>>;
  /** Undefined: it went well. */
  error: PlatformError | undefined;
};

/** Members that name something or count it. */
const namingMember =
  /(?:Name|Names|Arn|Arns|Id|Ids|Url|Bucket|Key|Version|Qualifier|Prefix|Type|Mode|State|Status|Action|Principal|Path|Alias|Group|Role|Runtime|Protocol|Limit|Size|Days|Seconds|Count|Enabled|Max[A-Za-z]*)$/;
/** Of these the value is a secret, or lets somebody in. */
const secretMember = /Token|Secret(?:Key|Access)|Password|^SSECustomerKey$|^CopySourceSSECustomerKey$|Plaintext/;
const parameterCharactersMax = 256;
const parametersMax = 20;
const messageCharactersMax = 1_024;
const userAgentCharactersMax = 256;
const resourcesMax = 10;

/** Verbs of operations that change nothing; of those that encrypt likewise. */
const readOnly =
  /^(?:Get|Head|List|Describe|Lookup|Check|Test|Simulate|Search|BatchGet|Validate|Encrypt$|Decrypt$|ReEncrypt$|Sign$|Verify|Generate(?!CredentialReport)|DryRun)/;

/** What the log has of it; undefined: nothing. */
export function auditEvent(
  call: AuditedCall,
  { id, timeMs, account }: { id: string; timeMs: number; account: AccountId },
): AuditEvent | undefined {
  const { request, requestId, service, operation, principal, accesses, error } = call;
  const isData = isDataCall(service, operation ?? '');
  const isDenied = error?.code === 'permission_denied' || error?.code === 'unauthenticated';
  if (!isDenied && (isData || operation === undefined)) return undefined;
  const actor = principal === undefined ? unknownActor(account, claimedKeyOf(request)) : actorOf(principal);
  return {
    id,
    timeMs,
    account: actor.account,
    actor,
    service,
    operation: operation ?? 'Unknown',
    resources: [...new Set(accesses.map(({ resource }) => resource).filter((arn) => arn !== '*'))].slice(
      0,
      resourcesMax,
    ),
    parameters: isData ? {} : namingParameters(call.input),
    from: {
      address: request.remoteAddress,
      userAgent: (request.headers['user-agent'] ?? '').slice(0, userAgentCharactersMax),
    },
    requestId,
    result: error === undefined ? 'ok' : isDenied ? 'denied' : 'failed',
    ...(error !== undefined && { error: { code: error.reason ?? error.code, message: messageOf(error) } }),
    isReadOnly: readOnly.test(operation ?? ''),
    isData,
    count: 1,
  };
}

function namingParameters(input: Readonly<Record<string, unknown>>): AuditEvent['parameters'] {
  const found = Object.entries(input).flatMap(([name, value]): [string, string | number | boolean][] => {
    if (!namingMember.test(name) || secretMember.test(name)) return [];
    if (typeof value === 'number' || typeof value === 'boolean') return [[name, value]];
    if (typeof value === 'string' && value.length <= parameterCharactersMax) return [[name, value]];
    return [];
  });
  return Object.fromEntries(found.slice(0, parametersMax));
}

/** What is said of a wrong input may repeat it, and so is not kept. */
const messageOf = (error: PlatformError): string =>
  error.code === 'invalid_argument' ? '' : error.message.slice(0, messageCharactersMax);

function claimedKeyOf(request: HttpRequest): string | undefined {
  const parsed = parseClaim(request);
  return parsed.status === 'claimed' ? parsed.claim.accessKeyId : undefined;
}
