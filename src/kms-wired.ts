/** Keys, from the engine to those who may use them, wired to the rest of the house. */
import type { Authorization, SideOf } from './aws/authorization.ts';
import { isKeyAccess, type KeyAccess } from './aws/key-access.ts';
import { createKeyUse, type KeyUse, type ServiceAuthorization } from './aws/key-use.ts';
import { createKmsService } from './aws/kms/kms.ts';
import type { AwsService } from './aws/service.ts';
import { createDocumentReader, decide } from './identity/policy-document.ts';
import type { Principal } from './identity/principal.ts';
import { accountRoot, roleArnOf } from './identity/principal-element.ts';
import type { Grant } from './resources/key.ts';
import { grantCovers, Grants } from './resources/key/grants.ts';
import { Keys } from './resources/key/keys.ts';
import { startKeyUpkeep } from './resources/key/upkeep.ts';
import type { Records } from './store/records.ts';
import type { Clock } from './util/clock.ts';
import { PlatformError } from './util/errors.ts';
import type { Ids } from './util/ids.ts';
import type { Sealer } from './util/sealer.ts';

export type KmsParts = {
  records: Records;
  region: string;
  sealer: Sealer;
  clock: Clock;
  ids: Ids;
  report: (message: string, cause: unknown) => void;
  /** What calls of operations are asked, for keys that a service uses on behalf of somebody. */
  authorization: Authorization;
};

export type WiredKms = AsyncDisposable & {
  keys: Keys;
  service: AwsService;
  /** What a key's own policy and its grants say. */
  side: SideOf;
  /** For a service (`s3`) that encrypts what it keeps. */
  keyUse(service: string): KeyUse;
};

/** What a key's policy cannot take from its account itself, in the place of the vendor's support. */
const keptByAccount: ReadonlySet<string> = new Set([
  'kms:putkeypolicy',
  'kms:getkeypolicy',
  'kms:describekey',
  'kms:schedulekeydeletion',
  'kms:cancelkeydeletion',
]);

/** A key's policy is the root of access: those of users and roles count as far as it lets their account. https://docs.aws.amazon.com/kms/latest/developerguide/control-access-overview.html */
export async function wireKms(parts: KmsParts): Promise<WiredKms> {
  const keys = await Keys.open(parts);
  const grants = await Grants.open(parts);
  const upkeep = startKeyUpkeep({ ...parts, keys, grants });
  const documentOf = createDocumentReader();

  const authorizeService: ServiceAuthorization = (service, access) => {
    const { key, action, resource, conditions = {}, encryptionContext = {} } = access;
    const document = documentOf(key);
    const asked = { action, resource, asker: { kind: 'service', ...service } as const, context: conditions };
    const decision = document === undefined ? 'not_allowed' : decide(document, asked);
    if (decision === 'allowed') return;
    const covers = (grant: Grant): boolean =>
      grant.grantee === service.service && grantCovers(grant, operationOf(access), encryptionContext);
    if (decision === 'not_allowed' && grants.ofKey(key.id).some(covers)) return;
    throw new PlatformError(
      'permission_denied',
      `${service.service} is not authorized to perform: ${action} on resource: "${resource}" ${
        decision === 'denied'
          ? 'with an explicit deny in a resource-based policy'
          : `because no resource-based policy allows the ${action} action`
      }`,
      { reason: 'AccessDenied' },
    );
  };

  return {
    keys,
    service: createKmsService({ ...parts, keys, grants }),
    keyUse: (service) => createKeyUse({ ...parts, keys, authorizeService }, service),
    side(principal, access) {
      if (!isKeyAccess(access)) return undefined;
      const { key } = access;
      return {
        account: key.account,
        document: documentOf(key),
        isRequired: true,
        isGranted: isGranted(grants, principal, access),
        ...(key.manager === 'CUSTOMER' && { keptByAccount }),
      };
    },
    [Symbol.asyncDispose]: () => upkeep[Symbol.asyncDispose](),
  };
}

function isGranted(grants: Grants, principal: Principal, access: KeyAccess): boolean {
  const operation = operationOf(access);
  const names = namesOf(principal);
  const isHis = ({ grantee }: Grant): boolean => names.includes(grantee);
  if (access.grantId !== undefined) {
    const grant = grants.get(access.key.id, access.grantId);
    return (
      grant !== undefined &&
      (names.includes(grant.retiring ?? '') || (isHis(grant) && grant.operations.includes(operation)))
    );
  }
  const { encryptionContext = {} } = access;
  return grants.ofKey(access.key.id).some((grant) => isHis(grant) && grantCovers(grant, operation, encryptionContext));
}

const operationOf = ({ action }: KeyAccess): string => action.replace('kms:', '');

/** What grants may call somebody. */
function namesOf(principal: Principal): readonly string[] {
  if (principal.kind === 'anonymous') return [];
  const role = roleArnOf(principal);
  const root = principal.kind === 'administrator' ? [accountRoot(principal.account)] : [];
  return [principal.arn, ...root, ...(role === undefined ? [] : [role])];
}
