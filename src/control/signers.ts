/** Whose signature the account asks of new code. docs/reference/supply-chain.md */
import { isObject } from '../util/field.ts';
import { PlatformError } from '../util/errors.ts';
import { jsonResponse, readJson, type Endpoint } from './endpoint.ts';

/** As many keys as there may be. */
const signersBytesMax = 64 * 1024;

export const getSigners: Endpoint = async (context, { account }) =>
  jsonResponse({ signers: context.signers.list(account) });

/** `{ publicKeys: [PEM] }`; none: code needs no signature. */
export const putSigners: Endpoint = async (context, call) => {
  const body = await readJson(call.request, signersBytesMax);
  const keys: unknown = isObject(body) ? body['publicKeys'] : undefined;
  if (!Array.isArray(keys) || !keys.every((one): one is string => typeof one === 'string'))
    throw new PlatformError('invalid_argument', 'publicKeys is missing: a list of public keys in PEM', {
      field: 'publicKeys',
    });
  return jsonResponse({ signers: await context.signers.put(call.account, keys) });
};
