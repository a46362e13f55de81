/** The master key: where it is from, and another in its place. docs/reference/master-key.md */
import path from 'node:path';
import { PlatformError } from '../util/errors.ts';
import { isObject } from '../util/field.ts';
import { jsonResponse, readJson, type Endpoint } from './endpoint.ts';

const bodyBytesMax = 16 * 1024;

export const getKeys: Endpoint = (context) => Promise.resolve(jsonResponse(context.keys.report()));

/** `endSessions`: also of whoever had a session before. `newKeyFile`: on the platform's machine. A key itself is never in a request. */
export const postKeyRotation: Endpoint = async (context, call) => {
  const body = await readJson(call.request, bodyBytesMax);
  const file = isObject(body) ? body['newKeyFile'] : undefined;
  if (!isObject(body) || (file !== undefined && (typeof file !== 'string' || !path.isAbsolute(file))))
    throw new PlatformError('invalid_argument', 'newKeyFile must be the absolute path of a file', {
      field: 'newKeyFile',
    });
  const endsSessions = body['endSessions'] ?? false;
  if (typeof endsSessions !== 'boolean')
    throw new PlatformError('invalid_argument', 'endSessions must be true or false', { field: 'endSessions' });
  return jsonResponse(await context.keys.rotate({ newKeyFile: file, endsSessions }));
};
