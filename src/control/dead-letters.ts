import { PlatformError } from '../util/errors.ts';
import { isObject, refuse } from '../util/field.ts';
import { jsonResponse, numberQuery, parameter, readJson, type Endpoint } from './endpoint.ts';
import { functionNamed } from './functions.ts';

/** An event and its envelope. */
const bodyBytesMax = 2 * 1024 * 1024;

export const listDeadLetterPlaces: Endpoint = async (context, call) =>
  jsonResponse({ places: await context.deadLetterPlaces.places(call.account) });

export const listLetters: Endpoint = async (context, call) => {
  const limit = numberQuery(call, 'limit', { min: 1, max: 1_000, otherwise: 100 });
  const place = parameter(call, 'place');
  const letters = await context.deadLetterPlaces.list(call.account, place, limit);
  // Those of a function that was removed stay.
  const ofFunction = /^function:(.*)$/s.exec(place)?.[1];
  if (letters.length === 0 && ofFunction !== undefined) functionNamed(context, call, ofFunction, 'place');
  return jsonResponse({ letters });
};

export const getLetter: Endpoint = async (context, call) =>
  jsonResponse(await context.deadLetterPlaces.get(call.account, parameter(call, 'place'), parameter(call, 'id')));

/** `{ ids: [...] }` or `{ all: true }`; with one id, `payload` is what it carries from now on. */
export const redriveLetters: Endpoint = async (context, call) => {
  context.requireRoom?.();
  const body = await readJson(call.request, bodyBytesMax);
  if (!isObject(body)) return refuse('body', body, '{ ids } or { all: true }');
  const { payload } = body;
  return jsonResponse(
    await context.deadLetterPlaces.redrive(call.account, parameter(call, 'place'), whichOf(body), payload),
  );
};

/** `?id=…&id=…`, or `?all=1`. */
export const purgeLetters: Endpoint = async (context, call) => {
  const all = call.query.get('all') === '1';
  const which = whichOf(all ? { all } : { ids: call.query.getAll('id') });
  return jsonResponse({
    purged: await context.deadLetterPlaces.purge(call.account, parameter(call, 'place'), which),
  });
};

function whichOf({ all, ids }: Readonly<Record<string, unknown>>): readonly string[] | 'all' {
  if (all === true && ids === undefined) return 'all';
  if (all === undefined && Array.isArray(ids) && ids.length > 0 && ids.every((id) => typeof id === 'string'))
    return ids;
  throw new PlatformError('invalid_argument', 'which letters is not said; accepted: their ids, or all', {
    field: 'ids',
  });
}
