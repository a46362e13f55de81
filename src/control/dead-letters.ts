import { PlatformError } from '../util/errors.ts';
import { isObject, refuse } from '../util/field.ts';
import {
  jsonResponse,
  numberQuery,
  parameter,
  readJson,
  type Call,
  type ControlContext,
  type Endpoint,
} from './endpoint.ts';
import { functionNamed } from './functions.ts';

/** An event and its envelope. */
const bodyBytesMax = 2 * 1024 * 1024;

export const listDeadLetterPlaces: Endpoint = async (context, call) =>
  jsonResponse({ places: await context.deadLetterPlaces.places(call.account) });

export const listLetters: Endpoint = async (context, call) => {
  const limit = numberQuery(call, 'limit', { min: 1, max: 1_000, otherwise: 100 });
  const place = parameter(call, 'place');
  const letters = await context.deadLetterPlaces.list(call.account, place, limit);
  if (letters.length === 0) requirePlace(context, call, place);
  return jsonResponse({ letters });
};

/** For a place without letters: those of a function that was removed stay. Errors: `not_found`. */
function requirePlace(context: ControlContext, call: Call, place: string): void {
  const ofFunction = /^function:(.*)$/s.exec(place)?.[1];
  if (ofFunction !== undefined) functionNamed(context, call, ofFunction, 'place');
}

export const getLetter: Endpoint = async (context, call) =>
  jsonResponse(await context.deadLetterPlaces.get(call.account, parameter(call, 'place'), parameter(call, 'id')));

/** `{ ids: [...] }` or `{ all: true }`; with one id, `payload` is what it carries from now on. */
export const redriveLetters: Endpoint = async (context, call) => {
  context.requireRoom?.();
  const body = await readJson(call.request, bodyBytesMax);
  if (!isObject(body)) return refuse('body', body, '{ ids } or { all: true }');
  const { payload } = body;
  const place = parameter(call, 'place');
  const redriven = await context.deadLetterPlaces.redrive(call.account, place, whichOf(body), payload);
  if (redriven.sent.length + redriven.refused.length === 0) requirePlace(context, call, place);
  return jsonResponse(redriven);
};

/** `?id=…&id=…`, or `?all=1`. */
export const purgeLetters: Endpoint = async (context, call) => {
  const all = call.query.get('all') === '1';
  const which = whichOf(all ? { all } : { ids: call.query.getAll('id') });
  const place = parameter(call, 'place');
  const purged = await context.deadLetterPlaces.purge(call.account, place, which);
  if (purged === 0) requirePlace(context, call, place);
  return jsonResponse({ purged });
};

function whichOf({ all, ids }: Readonly<Record<string, unknown>>): readonly string[] | 'all' {
  if (all === true && ids === undefined) return 'all';
  if (all === undefined && Array.isArray(ids) && ids.length > 0 && ids.every((id) => typeof id === 'string'))
    return ids;
  throw new PlatformError('invalid_argument', 'which letters is not said; accepted: their ids, or all', {
    field: 'ids',
  });
}
