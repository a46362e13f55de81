import { PlatformError } from '../util/errors.ts';
import { describeSource } from './describe-source.ts';
import { jsonResponse, parameter, readJson, type Endpoint } from './endpoint.ts';

/** SQS's largest message, and room for the JSON round it. */
const messageBytesMax = 2 * 1024 * 1024;

export const listBuckets: Endpoint = async (context, call) =>
  jsonResponse({ buckets: await context.buckets.list(call.account) });

export const listQueues: Endpoint = async (context, call) =>
  jsonResponse({ queues: await context.queues.list(call.account) });

export const listTopics: Endpoint = (context, call) =>
  Promise.resolve(jsonResponse({ topics: context.topics.list(call.account) }));

export const listBuses: Endpoint = (context, call) =>
  Promise.resolve(jsonResponse({ buses: context.buses.list(call.account) }));

export const listTables: Endpoint = (context, call) =>
  Promise.resolve(jsonResponse({ tables: context.tables.list(call.account) }));

export const listSchedules: Endpoint = (context, call) => {
  const schedules = context.bindings
    .ofKind('schedule')
    .filter(({ account }) => account === call.account)
    .map(({ functionName, source }) => ({
      function: functionName,
      expression: source.expression,
      timeZone: source.timeZone,
      enabled: source.enabled,
      description: describeSource(source),
    }));
  return Promise.resolve(jsonResponse({ schedules }));
};

export const postMessage: Endpoint = async (context, call) => {
  const name = parameter(call, 'name');
  const given = await readJson(call.request, messageBytesMax);
  const body = typeof given === 'object' && given !== null && 'body' in given ? given.body : undefined;
  if (typeof body !== 'string') {
    throw new PlatformError('invalid_argument', 'body is missing or no string; accepted: { "body": "the message" }', {
      field: 'body',
    });
  }
  if (!context.queues.exists(call.account, name)) {
    throw new PlatformError('not_found', `there is no queue '${name}'`, { field: 'name' });
  }
  context.requireRoom?.();
  return jsonResponse({ id: await context.queues.send(call.account, name, body) });
};
