/** Where records of asynchronous events are posted to, as CloudEvents. */
import { isObject, refuse } from '../util/field.ts';

export const destinationModes = ['structured', 'binary', 'batched'] as const;

export type HttpDestination = {
  url: string;
  mode: (typeof destinationModes)[number];
  /** The variable of the function's environment that goes along as `Authorization: Bearer`. Absent: nothing does. */
  token?: string;
};

export type HttpDestinations = { onSuccess?: HttpDestination; onFailure?: HttpDestination };

export const urlLengthMax = 2_048;
export const urlAccepts = 'an address that begins with http:// or https://, without a name, a password or a fragment';

export function isDestinationUrl(text: string): boolean {
  if (text.length > urlLengthMax || !/^https?:\/\//.test(text) || !URL.canParse(text)) return false;
  const { username, password, hash } = new URL(text);
  return username === '' && password === '' && hash === '';
}

/** Without its query, which may be what lets one in: for logs. */
export function destinationName({ url }: HttpDestination): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}

/** Throws `invalid_argument`, naming the field. */
export function parseHttpDestinations(value: unknown, field: string): HttpDestinations {
  if (!isObject(value)) return refuse(field, value, '{ onSuccess, onFailure }');
  const { onSuccess, onFailure } = value;
  return {
    ...(onSuccess !== undefined && { onSuccess: parseDestination(onSuccess, `${field}.onSuccess`) }),
    ...(onFailure !== undefined && { onFailure: parseDestination(onFailure, `${field}.onFailure`) }),
  };
}

function parseDestination(value: unknown, field: string): HttpDestination {
  if (!isObject(value)) return refuse(field, value, '{ url, mode }');
  const { url, token } = value;
  if (typeof url !== 'string' || !isDestinationUrl(url)) return refuse(`${field}.url`, url, urlAccepts);
  const mode = destinationModes.find((one) => one === value['mode']);
  if (mode === undefined) return refuse(`${field}.mode`, value['mode'], destinationModes.join(', '));
  if (token === undefined) return { url, mode };
  if (typeof token !== 'string' || !/^[A-Za-z_][A-Za-z0-9_]{0,255}$/.test(token))
    return refuse(`${field}.token`, token, 'the name of a variable');
  return { url, mode, token };
}
