/** What a function's variables refer to, read as the function itself: what it may not read, it is not given. */
import type { Authorization } from './aws/authorization.ts';
import type { KeyCaller, KeyUse } from './aws/key-use.ts';
import { openedEnvironment } from './aws/lambda/environment-key.ts';
import { functionBearer, type Principal } from './identity/principal.ts';
import type { FunctionVersion } from './registry/function.ts';
import { withReferences, type VariableReference } from './registry/variable-references.ts';
import type { Resolved } from './registry/registry.ts';
import type { Parameters } from './resources/parameter/parameters.ts';
import type { Secrets } from './resources/secret/secrets.ts';
import type { Vault } from './resources/vault.ts';
import { PlatformError } from './util/errors.ts';
import { isObject } from './util/field.ts';
import type { EnvironmentId } from './util/ids.ts';

export type ReferenceParts = {
  secrets: Secrets;
  parameters: Parameters;
  secretVaultFor: (caller: KeyCaller) => Vault;
  parameterVaultFor: (caller: KeyCaller) => Vault;
  authorization: Authorization;
  /** Of Lambda, for variables under customers' keys. */
  environmentKeys: KeyUse;
};

/** A version's own variables, as its environment is to have them. Errors: `unavailable`, naming the variable and what it refers to. */
export type ResolveReferences = (
  resolved: Resolved,
  environmentId: EnvironmentId,
) => Promise<Readonly<Record<string, string>>>;

export function createReferenceResolver(parts: ReferenceParts): ResolveReferences {
  return async ({ version }, environmentId) => {
    const { account, arn, name: functionName, settings } = version;
    const bearer = functionBearer({ account, functionArn: arn, functionName, environmentId });
    const principal: Principal = { ...bearer, accessKeyId: '' };
    const environment = await opened(version, principal);
    if (settings.references === undefined) return environment;
    const resolved = Object.entries(environment).map(async ([variable, text]) => {
      try {
        return [variable, await withReferences(text, (reference) => read(reference, principal))] as const;
      } catch (error) {
        if (!(error instanceof PlatformError)) throw error;
        throw new PlatformError('unavailable', `The variable ${variable} cannot be filled in: ${error.message}`, {
          cause: error,
        });
      }
    });
    return Object.fromEntries(await Promise.all(resolved));
  };

  async function opened(
    version: FunctionVersion,
    principal: Principal,
  ): Promise<FunctionVersion['settings']['environment']> {
    try {
      return await openedEnvironment(parts.environmentKeys, principal, version);
    } catch (error) {
      if (!(error instanceof PlatformError)) throw error;
      const key = version.settings.environmentKey?.arn;
      throw new PlatformError('unavailable', `The variables cannot be decrypted with ${key}: ${error.message}`, {
        cause: error,
      });
    }
  }

  async function read({ kind, name, selector }: VariableReference, principal: Principal): Promise<string> {
    const { secrets, parameters, secretVaultFor, parameterVaultFor, authorization } = parts;
    const { account } = principal;
    const caller: KeyCaller = { principal, account, request: { remoteAddress: '127.0.0.1' } };
    if (kind === 'parameter') {
      const parameter = parameters.need(account, name);
      authorization(principal, [{ action: 'ssm:GetParameter', resource: parameters.arn(parameter) }], {});
      return parameters.read(parameter, parameters.version(parameter, selector), parameterVaultFor(caller));
    }
    const secret = secrets.need(account, name);
    authorization(principal, [{ action: 'secretsmanager:GetSecretValue', resource: secrets.arn(secret) }], {});
    const value = await secrets.read(secret, secrets.version(secret, {}), secretVaultFor(caller));
    if (value.kind === 'binary') throw new PlatformError('unavailable', `the secret ${name} holds bytes, not text`);
    return selector === '' ? value.text : memberOf(value.text, name, selector);
  }
}

function memberOf(text: string, name: string, member: string): string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new PlatformError('unavailable', `the secret ${name} is no JSON object, of which ${member} could be taken`);
  }
  const value = isObject(parsed) ? parsed[member] : undefined;
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new PlatformError('unavailable', `the secret ${name} has no ${member} that is text`);
}
