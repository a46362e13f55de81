/**
 * Variables under a key of a customer's (`KMSKeyArn`): encrypted with it as who configures the function, shown to who may
 * decrypt them, and filled in as the function when an environment starts.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html
 */
import type { EnvironmentResponse } from '@aws-sdk/client-lambda';
import type { Principal } from '../../identity/principal.ts';
import type { FunctionSettings, FunctionVersion } from '../../registry/function.ts';
import type { Vault } from '../../resources/vault.ts';
import { PlatformError } from '../../util/errors.ts';
import type { AccountId } from '../../util/ids.ts';
import { createKeyVault } from '../key-vault.ts';
import type { KeyCaller, KeyUse } from '../key-use.ts';
import type { AwsContext } from '../service.ts';
import { invalidParameterValue, notHere } from './lambda-errors.ts';
import type { LambdaParts } from './lambda-parts.ts';

export type EnvironmentKeys = {
  keyUse: KeyUse;
  /** Who a function is when Lambda acts for it; undefined: it is not there. */
  functionPrincipal: (account: AccountId, name: string, qualifier: string | undefined) => Principal | undefined;
};

type Environment = Pick<FunctionSettings, 'environment' | 'environmentKey'>;
type Variables = FunctionSettings['environment'];

/** What the wire allows of variables fits into one text that KMS encrypts itself. */
const directBytesMax = 4_096;

const vaultOf = (keyUse: KeyUse, caller: KeyCaller): Vault =>
  createKeyVault(keyUse, caller, { directBytesMax, failures: { seal: 'KMS', open: 'KMS' } });

const contextOf = (arn: string) => ({ 'aws:lambda:FunctionArn': arn });

/** What the settings have from now on, where one of both is given. `arn`: the function's. Errors: InvalidParameterValueException. */
export async function changedEnvironment(
  { environmentKeys }: Pick<LambdaParts, 'environmentKeys'>,
  context: AwsContext,
  arn: string,
  before: Environment,
  { variables, keyArn = before.environmentKey?.arn ?? '' }: { variables?: Variables; keyArn?: string | undefined },
): Promise<Environment> {
  if (keyArn === '' && before.environmentKey === undefined) return { environment: variables ?? before.environment };
  if (environmentKeys === undefined) throw notHere('KMSKeyArn', 'there is no key service.');
  const { keyUse } = environmentKeys;
  if (variables === undefined && keyArn === before.environmentKey?.arn) return before;
  try {
    const vault = vaultOf(keyUse, context);
    const plain = variables ?? (await variablesIn(vault, arn, before));
    if (keyArn === '') return { environment: plain };
    const environmentKey = { arn: await keyUse.arnOf(context, keyArn) };
    if (Object.keys(plain).length === 0) return { environment: {}, environmentKey };
    const sealed = await vault.seal(JSON.stringify(plain), { keyId: keyArn, context: contextOf(arn) });
    return { environment: {}, environmentKey: { ...environmentKey, sealed } };
  } catch (error) {
    if (!(error instanceof PlatformError) || error.fault === 'platform') throw error;
    throw invalidParameterValue(
      `Lambda was unable to configure access to your environment variables because the KMS key is invalid. Please check your KMS key settings. KMS Exception: ${kmsNameOf(error)} KMS Message: ${error.message}`,
      { field: 'KMSKeyArn', cause: error },
    );
  }
}

/** As they are, whoever's key they are under. Errors: as of KMS. */
async function variablesIn(
  vault: Vault,
  arn: string,
  { environment, environmentKey }: Environment,
): Promise<Variables> {
  if (environmentKey?.sealed === undefined) return environment;
  return JSON.parse(await vault.open(environmentKey.sealed, contextOf(arn))) as Variables;
}

/** For the process of a function. Errors: as of KMS, for a key that the function may not use, or nobody can now. */
export const openedEnvironment = (keyUse: KeyUse, principal: Principal, version: FunctionVersion): Promise<Variables> =>
  variablesIn(
    vaultOf(keyUse, { principal, account: version.account, request: { remoteAddress: '127.0.0.1' } }),
    version.arn,
    version.settings,
  );

/** What an answer says of the variables: to who may not decrypt them, why not. */
export async function shownEnvironment(
  { environmentKeys }: Pick<LambdaParts, 'environmentKeys'>,
  context: AwsContext,
  version: FunctionVersion,
): Promise<{ environment: EnvironmentResponse | undefined }> {
  const { environment, environmentKey } = version.settings;
  if (environmentKey?.sealed === undefined || environmentKeys === undefined)
    return { environment: Object.keys(environment).length === 0 ? undefined : { Variables: environment } };
  try {
    const Variables = await openedEnvironment(environmentKeys.keyUse, context.principal, version);
    return { environment: { Variables } };
  } catch (error) {
    if (!(error instanceof PlatformError) || error.fault === 'platform') throw error;
    return { environment: { Error: { ErrorCode: kmsNameOf(error), Message: messageOf(error) } } };
  }
}

/** Why a version that does not start may not have its variables; undefined: that is not why. https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors */
export async function environmentFailure(
  { environmentKeys }: Pick<LambdaParts, 'environmentKeys'>,
  version: FunctionVersion,
): Promise<PlatformError | undefined> {
  if (environmentKeys === undefined || version.settings.environmentKey?.sealed === undefined) return undefined;
  const { keyUse, functionPrincipal } = environmentKeys;
  try {
    const principal = functionPrincipal(version.account, version.name, version.version);
    if (principal !== undefined) await openedEnvironment(keyUse, principal, version);
    return undefined;
  } catch (error) {
    if (!(error instanceof PlatformError) || error.fault === 'platform') throw error;
    const reason = invokeNames[kmsNameOf(error)] ?? 'KMSInvalidStateException';
    return new PlatformError('unavailable', messageOf(error), { reason, cause: error });
  }
}

const invokeNames: Readonly<Record<string, string>> = {
  AccessDeniedException: 'KMSAccessDeniedException',
  DisabledException: 'KMSDisabledException',
  NotFoundException: 'KMSNotFoundException',
};

/** As KMS has it. */
function kmsNameOf(error: PlatformError): string {
  if (error.code === 'permission_denied') return 'AccessDeniedException';
  const { cause } = error;
  const reason = cause instanceof PlatformError ? cause.reason : error.reason;
  // Of a ciphertext: its key is gone.
  return reason === 'InvalidCiphertextException' ? 'NotFoundException' : (reason ?? 'KMSInvalidStateException');
}

const words: Readonly<Record<string, string>> = {
  AccessDeniedException: 'KMS access was denied',
  DisabledException: 'the KMS key used is disabled',
  NotFoundException: 'the KMS key was not found',
};

function messageOf(error: PlatformError): string {
  const name = kmsNameOf(error);
  return `Lambda was unable to decrypt the environment variables because ${words[name] ?? 'the KMS key used is in an invalid state for Decrypt'}. Please check the function's KMS key settings. KMS Exception: ${name} KMS Message: ${error.message}`;
}
