/**
 * Deployments as they come over the wire: the command line has checked them in the manifest's own words, and here
 * they are checked again, because here is where they begin to be trusted.
 */
import type { DeployedFunction, DeployedQueue, Deployment } from '../manifest/deployment.ts';
import { sourceLimits, type BindingSource } from '../registry/binding.ts';
import { parseEventPattern } from '../resources/event-pattern.ts';
import { parseTopicFilter } from '../events/topic-filter.ts';
import { parseRoutePath, routeIdentity, routeMethods, routeOf } from '../registry/route-path.ts';
import { provisionedMax } from '../registry/set-aside.ts';
import { checkFunctionName, parseFunctionSettings } from '../registry/settings.ts';
import { assertBucketName } from '../resources/bucket/bucket-name.ts';
import { bucketEventNames } from '../resources/bucket-event.ts';
import { checkBusName } from '../resources/event-bus/event-bus.ts';
import { checkQueueName, queueSettingsBounds } from '../resources/queue-settings.ts';
import { checkTopicName } from '../resources/topic-settings.ts';
import { parseScheduleExpression, parseTimeZone } from '../resources/schedule-expression.ts';
import { PlatformError } from '../util/errors.ts';
import { limits as platformLimits } from '../util/limits.ts';
import type { LimitProfileName } from '../util/limit-profiles.ts';
import { isObject, refuse, wholeNumber } from '../util/field.ts';
import { parseCloudEventSource } from './parse-cloud-event-source.ts';
import { parseTable } from './parse-table.ts';
import { parseTableSource } from './parse-table-source.ts';
import { parseWebhook } from './parse-webhook.ts';

/** Functions and resources of one application: ten times what the largest people speak of have. */
const itemsMax = 2_000;
const { layersMax } = platformLimits;
type Fields = Readonly<Record<string, unknown>>;

function fields(value: unknown, field: string): Fields {
  return isObject(value) ? value : refuse(field, value, 'an object');
}

function list(value: unknown, field: string, lengthMax: number): unknown[] {
  if (!Array.isArray(value) || value.length > lengthMax) refuse(field, value, `a list of at most ${lengthMax}`);
  return value;
}

function text(value: unknown, field: string, options: { empty?: boolean; lengthMax?: number } = {}): string {
  const lengthMax = options.lengthMax ?? sourceLimits.textLengthMax;
  if (typeof value !== 'string' || value.length > lengthMax || (value === '' && options.empty !== true)) {
    refuse(field, value, `a string of at most ${lengthMax} characters`);
  }
  return value;
}

/** Text that is given to the function as it is, and so must be an event. */
function json(value: unknown, field: string): string {
  const read = text(value, field, { lengthMax: sourceLimits.inputLengthMax });
  try {
    JSON.parse(read);
  } catch {
    refuse(field, read, 'JSON as text');
  }
  return read;
}

function flag(value: unknown, field: string): boolean {
  if (typeof value !== 'boolean') refuse(field, value, 'true, false');
  return value;
}

/** Runs an engine's own check, and says which of our fields it was about. */
function checked<T>(field: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    throw new PlatformError(error.code, `${field}: ${error.message}`, { field, cause: error });
  }
}

function parseSource(value: unknown, field: string): BindingSource {
  const source = fields(value, field);
  const { kind } = source;
  switch (kind) {
    case 'http': {
      const method = text(source['method'], `${field}.method`).toUpperCase();
      if (!routeMethods.includes(method as (typeof routeMethods)[number]))
        refuse(`${field}.method`, method, routeMethods.join(', '));
      const path = text(source['path'], `${field}.path`);
      const parsed = parseRoutePath(path);
      if (typeof parsed === 'string') {
        throw new PlatformError('invalid_argument', `${field}.path: ${parsed}`, { field: `${field}.path` });
      }
      return { kind, method, path };
    }
    case 'webhook':
      return parseWebhook(source, field);
    case 'cloudevent':
      return parseCloudEventSource(source, field);
    case 'bucket': {
      const bucket = text(source['bucket'], `${field}.bucket`);
      checked(`${field}.bucket`, () => assertBucketName(bucket));
      const events = list(source['events'], `${field}.events`, bucketEventNames.length).map(
        (event, index) =>
          bucketEventNames.find((name) => name === event) ??
          refuse(`${field}.events[${index}]`, event, bucketEventNames.join(', ')),
      );
      if (events.length === 0) refuse(`${field}.events`, events, `at least one of ${bucketEventNames.join(', ')}`);
      const prefix = text(source['prefix'], `${field}.prefix`, { empty: true });
      const suffix = text(source['suffix'], `${field}.suffix`, { empty: true });
      return { kind, bucket, events, prefix, suffix };
    }
    case 'schedule': {
      const expression = text(source['expression'], `${field}.expression`);
      checked(`${field}.expression`, () => parseScheduleExpression(expression));
      const timeZone = text(source['timeZone'], `${field}.timeZone`);
      checked(`${field}.timeZone`, () => parseTimeZone(timeZone));
      const enabled = flag(source['enabled'], `${field}.enabled`);
      const { input } = source;
      if (input === undefined) return { kind, expression, timeZone, enabled };
      return { kind, expression, timeZone, enabled, input: json(input, `${field}.input`) };
    }
    case 'queue': {
      const queue = text(source['queue'], `${field}.queue`);
      checked(`${field}.queue`, () => checkQueueName(queue));
      return {
        kind,
        queue,
        batchMax: wholeNumber(source['batchMax'], `${field}.batchMax`, [1, sourceLimits.batchMax]),
        windowMs: wholeNumber(source['windowMs'], `${field}.windowMs`, [0, sourceLimits.windowMsMax]),
        reportsFailures: flag(source['reportsFailures'], `${field}.reportsFailures`),
      };
    }
    case 'table':
      return parseTableSource(source, field);
    case 'email': {
      const address = text(source['address'], `${field}.address`);
      if (!/^[^\s@<>]{0,64}@[A-Za-z0-9.-]{1,253}$/.test(address))
        refuse(`${field}.address`, address, 'in@example.com, or @example.com for all of its domain');
      if (source['bucket'] === undefined) return { kind, address };
      const bucket = text(source['bucket'], `${field}.bucket`);
      checked(`${field}.bucket`, () => assertBucketName(bucket));
      return { kind, address, bucket };
    }
    case 'topic': {
      const topic = text(source['topic'], `${field}.topic`);
      checked(`${field}.topic`, () => checkTopicName(topic, false));
      const scope = source['filterScope'];
      if (scope !== 'attributes' && scope !== 'body') refuse(`${field}.filterScope`, scope, 'attributes, body');
      if (source['filter'] === undefined) return { kind, topic, filterScope: scope };
      const filter = json(source['filter'], `${field}.filter`);
      checked(`${field}.filter`, () => parseTopicFilter(filter, scope));
      return { kind, topic, filter, filterScope: scope };
    }
    case 'bus': {
      const bus = text(source['bus'], `${field}.bus`);
      checked(`${field}.bus`, () => checkBusName(bus));
      const pattern = json(source['pattern'], `${field}.pattern`);
      checked(`${field}.pattern`, () => parseEventPattern(pattern));
      return { kind, bus, pattern };
    }
    default:
      return refuse(
        `${field}.kind`,
        kind,
        'http, webhook, cloudevent, bucket, schedule, queue, table, topic, bus, email',
      );
  }
}

function parseFunction(value: unknown, index: number, limits: LimitProfileName): DeployedFunction {
  const given = fields(value, `functions[${index}]`);
  const { name } = given;
  checkFunctionName(name, `functions[${index}].name`);
  const at = `functions.${name}`;
  return {
    name,
    settings: parseFunctionSettings(given['settings'], `${at}.settings`, limits),
    url: flag(given['url'], `${at}.url`),
    ...(given['layers'] === undefined
      ? {}
      : {
          layers: list(given['layers'], `${at}.layers`, layersMax).map((arn, place) =>
            text(arn, `${at}.layers[${place}]`),
          ),
        }),
    ...(given['provisioned'] === undefined
      ? {}
      : { provisioned: wholeNumber(given['provisioned'], `${at}.provisioned`, [0, provisionedMax]) }),
    ...(given['signature'] === undefined ? {} : { signature: text(given['signature'], `${at}.signature`) }),
    sources: list(given['sources'], `${at}.sources`, sourceLimits.sourcesMax).map((source, place) =>
      parseSource(source, `${at}.sources[${place}]`),
    ),
  };
}

function parseQueue(value: unknown, index: number): DeployedQueue {
  const given = fields(value, `queues[${index}]`);
  const name = text(given['name'], `queues[${index}].name`);
  const at = `queues.${name}`;
  checked(`queues[${index}].name`, () => checkQueueName(name));
  const visibilityMs = wholeNumber(given['visibilityMs'], `${at}.visibilityMs`, queueSettingsBounds.visibilityMs);
  if (given['redrive'] === undefined) return { name, visibilityMs };
  const redrive = fields(given['redrive'], `${at}.redrive`);
  const deadLetterQueue = text(redrive['deadLetterQueue'], `${at}.redrive.deadLetterQueue`);
  checked(`${at}.redrive.deadLetterQueue`, () => checkQueueName(deadLetterQueue));
  if (deadLetterQueue === name) refuse(`${at}.redrive.deadLetterQueue`, name, 'another queue');
  const receivesMax = wholeNumber(redrive['receivesMax'], `${at}.redrive.receivesMax`, queueSettingsBounds.receivesMax);
  return { name, visibilityMs, redrive: { deadLetterQueue, receivesMax } };
}

function parseBucket(value: unknown, index: number): { name: string } {
  const name = text(fields(value, `buckets[${index}]`)['name'], `buckets[${index}].name`);
  checked(`buckets[${index}].name`, () => assertBucketName(name));
  return { name };
}

function parseTopic(value: unknown, index: number): { name: string } {
  const name = text(fields(value, `topics[${index}]`)['name'], `topics[${index}].name`);
  checked(`topics[${index}].name`, () => checkTopicName(name, false));
  return { name };
}

function parseBus(value: unknown, index: number): { name: string } {
  const name = text(fields(value, `buses[${index}]`)['name'], `buses[${index}].name`);
  checked(`buses[${index}].name`, () => checkBusName(name));
  return { name };
}

function refuseTwice(names: readonly string[], what: string): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) {
      throw new PlatformError('invalid_argument', `${what} holds '${name}' twice; each name once is accepted`, {
        field: what,
      });
    }
    seen.add(name);
  }
}

/** Two functions of one deployment cannot both answer a route. */
function refuseSharedRoutes(functions: readonly DeployedFunction[]): void {
  const owners = new Map<string, string>();
  for (const { name, sources } of functions) {
    for (const source of sources) {
      const route = routeOf(source);
      if (route === undefined) continue;
      const identity = routeIdentity(route.method, route.path) ?? '';
      const owner = owners.get(identity);
      if (owner !== undefined) {
        throw new PlatformError(
          'invalid_argument',
          `the route ${route.method} ${route.path} stands twice, in '${owner}' and '${name}'`,
          {
            field: `functions.${name}.sources`,
          },
        );
      }
      owners.set(identity, name);
    }
  }
}

/** Errors: `invalid_argument` and `too_large`, naming the field (`functions.hello.settings.memoryMb`). `limits`: of functions that name none. */
export function parseDeployment(value: unknown, limits: LimitProfileName): Deployment {
  const given = fields(value, 'the deployment');
  const { application } = given;
  checkFunctionName(application, 'application');
  const functions = list(given['functions'], 'functions', itemsMax).map((one, index) =>
    parseFunction(one, index, limits),
  );
  const buckets = list(given['buckets'], 'buckets', itemsMax).map(parseBucket);
  const queues = list(given['queues'], 'queues', itemsMax).map(parseQueue);
  const topics = list(given['topics'] ?? [], 'topics', itemsMax).map(parseTopic);
  const buses = list(given['buses'] ?? [], 'buses', itemsMax).map(parseBus);
  const tables = list(given['tables'] ?? [], 'tables', itemsMax).map(parseTable);
  refuseTwice(
    functions.map(({ name }) => name),
    'functions',
  );
  refuseTwice(
    buckets.map(({ name }) => name),
    'buckets',
  );
  refuseTwice(
    queues.map(({ name }) => name),
    'queues',
  );
  refuseTwice(
    topics.map(({ name }) => name),
    'topics',
  );
  refuseTwice(
    buses.map(({ name }) => name),
    'buses',
  );
  refuseTwice(
    tables.map(({ name }) => name),
    'tables',
  );
  refuseSharedRoutes(functions);
  return { application, functions, buckets, queues, topics, buses, tables };
}
