/** A route for CloudEvents of a deployment as it comes over the wire. */
import { parseCloudEventFilter } from '../registry/cloud-event-filter.ts';
import { cloudEventLimits, replyModes, type CloudEventSource } from '../registry/cloudevent-source.ts';
import { parseRoutePath } from '../registry/route-path.ts';
import { PlatformError } from '../util/errors.ts';
import { refuse } from '../util/field.ts';

const textMax = 1_024;

/** Throws `invalid_argument`, naming the field. */
export function parseCloudEventSource(source: Readonly<Record<string, unknown>>, field: string): CloudEventSource {
  const { path, secrets, filter, reply, bus } = source;
  const isPath = typeof path === 'string' && path.length <= textMax && /^\/[^{}%\s]+$/.test(path);
  if (!isPath || typeof parseRoutePath(path) === 'string')
    return refuse(`${field}.path`, path, 'a path without parameters, such as /events');
  if (!Array.isArray(secrets) || secrets.length > cloudEventLimits.secretsMax)
    return refuse(`${field}.secrets`, secrets, `at most ${cloudEventLimits.secretsMax} names of variables`);
  const mode = replyModes.find((one) => one === reply);
  if (reply !== undefined && mode === undefined) refuse(`${field}.reply`, reply, replyModes.join(', '));
  if (bus !== undefined && (typeof bus !== 'string' || !/^[A-Za-z0-9._-]{1,256}$/.test(bus)))
    return refuse(`${field}.bus`, bus, 'the name of an event bus');
  if (bus !== undefined && reply !== undefined)
    refuse(`${field}.reply`, reply, 'none where there is a bus: it answers nothing');
  return {
    kind: 'cloudevent',
    path,
    secrets: secrets.map((name: unknown, index) =>
      typeof name === 'string' && name.length <= textMax && /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)
        ? name
        : refuse(`${field}.secrets[${index}]`, name, 'the name of a variable'),
    ),
    ...(filter !== undefined && { filter: parseFilter(filter, `${field}.filter`) }),
    ...(mode !== undefined && { reply: mode }),
    ...(bus !== undefined && { bus }),
  };
}

function parseFilter(value: unknown, field: string): string {
  if (typeof value !== 'string') return refuse(field, value, 'JSON as text');
  try {
    parseCloudEventFilter(value);
    return value;
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    throw new PlatformError(error.code, `${field}: ${error.message}`, { field, cause: error });
  }
}
