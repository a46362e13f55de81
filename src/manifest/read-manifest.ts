/** Text of a manifest to a `Manifest`, or everything that is wrong with it. Pure; never throws. */
import { routeIdentity, routeOf } from '../registry/route-path.ts';
import { variableReferences, type VariableReference } from '../registry/variable-references.ts';
import { defaultBus } from '../resources/event-bus/event-bus.ts';
import { isFifoName, queueSettingsDefault } from '../resources/queue-settings.ts';
import type { Complaint } from './complaint.ts';
import type { DeployedQueue } from './deployment.ts';
import { durationText } from './shape/duration.ts';
import type { Report, ValueOf } from './shape/shape.ts';
import { defaults } from './fields/function.ts';
import { layerArn } from './fields/layers.ts';
import { manifestShape } from './fields/manifest.ts';
import { applicationNameFrom } from './fields/names.ts';
import { receivesDefault, type WrittenQueue } from './fields/resources.ts';
import { destinationArn } from './fields/table-event.ts';
import { parseArn } from '../util/arn.ts';
import {
  defaultLimitProfile,
  limitProfileNames,
  limitProfiles,
  type LimitProfileName,
} from '../util/limit-profiles.ts';
import { readFound, under, type Found } from './found.ts';
import type { Manifest, ManifestFunction } from './manifest.ts';
import { wantedVariablesOf } from './wanted-variables.ts';
import { statementsOf, type Grant, type Scope } from './policy.ts';

export type ManifestContext = Scope & {
  /** As complaints shall name it. */
  file: string;
  /** Gives the application its name when the manifest does not. */
  folderName: string;
  /** Whose limits hold for functions that name none; absent: Lambda's. */
  limits?: LimitProfileName;
};

export type ManifestResult =
  | { status: 'ok'; manifest: Manifest }
  | { status: 'wrong'; complaints: readonly Complaint[] };

export function readManifest(text: string, context: ManifestContext): ManifestResult {
  const { file } = context;
  const { root, complaints } = readFound(text, file);
  const report: Report = (place, message) => complaints.push({ file, ...place.at, field: place.path, message });
  const start = { at: { line: 1, column: 1 }, path: '' };
  if (root === undefined && complaints.length === 0) {
    report(start, 'the file is empty; write functions: { hello: { runtime: python, handler: hello.lambda_handler } }');
  }
  const written = root === undefined ? undefined : manifestShape.read(root, report);
  const manifest = written === undefined || root === undefined ? undefined : complete(written, root, context, report);
  if (manifest !== undefined && complaints.length === 0) return { status: 'ok', manifest };
  complaints.sort((a, b) => a.line - b.line || a.column - b.column);
  return { status: 'wrong', complaints };
}

type Written = ValueOf<typeof manifestShape>;
export type WrittenFunction = Written['functions'] extends ReadonlyMap<string, infer Value> ? Value : never;

function complete(written: Written, root: Found, context: ManifestContext, report: Report): Manifest | undefined {
  const application = written.application ?? applicationNameFrom(context.folderName);
  if (application === '') {
    report(
      root,
      `application is missing, and the folder's name (${context.folderName}) cannot stand for it; write application: my-app`,
    );
    return undefined;
  }
  reportRoutesTwice(written, report);
  reportShortVisibility(written, report);
  reportOverLimits(written, context, report);
  reportOwnDeadLetters(written, report);
  reportMissingStreams(written, root, report);
  const functions = [...written.functions].map(([name, value]) => completeFunction(name, value, context));
  return {
    application,
    functions,
    buckets: bucketsOf(written, functions),
    queues: queuesOf(written, functions),
    topics: topicsOf(written, functions),
    buses: busesOf(written, functions),
    tables: [...written.resources.tables].map(([name, settings]) => ({ name, ...settings })),
  };
}

function completeFunction(name: string, written: WrittenFunction, context: ManifestContext): ManifestFunction {
  const {
    runtime,
    handler,
    code,
    bundle,
    limits,
    memory,
    timeout,
    environment,
    allowSecrets,
    concurrency,
    concurrencyPerEnvironment = 1,
    provisioned,
    keepWarm,
    template,
    reuse,
    network,
    tmp,
    permissions,
    retries,
    idempotency,
    deadLetter,
    destinations,
    layers,
    logging,
    events,
  } = written;
  const sources = events
    .map(({ value }) => value)
    .filter((event) => event.tag !== 'url')
    .map(({ value: source }) =>
      source.kind === 'table' && source.onFailure !== undefined
        ? { ...source, onFailure: destinationArn(source.onFailure, context) }
        : source,
    );
  const at = { line: 1, column: 1 };
  const references = Object.values(environment).flatMap((value) => variableReferences(value).references);
  return {
    name,
    url: events.some(({ value }) => value.tag === 'url' && value.value),
    ...(layers === undefined ? {} : { layers: layers.map((layer) => layerArn(layer, context)) }),
    ...(provisioned === undefined ? {} : { provisioned }),
    sources,
    settings: {
      runtime,
      handler: handler?.value ?? 'bootstrap',
      ...(limits === undefined ? {} : { limits }),
      memoryMb: memory?.value ?? Math.min(defaults.memoryMb, limitProfiles[profileOf(written, context)].memoryMbMax),
      timeoutMs: timeout?.value ?? defaults.timeoutMs,
      environment,
      ...(concurrency === undefined ? {} : { concurrencyMax: concurrency }),
      ...(concurrencyPerEnvironment === 1 ? {} : { concurrencyPerEnvironment }),
      ...(keepWarm === undefined ? {} : { keepWarm }),
      // What was filled in would be in the image.
      ...(references.length > 0
        ? { references: true as const, template: false }
        : template === undefined
          ? {}
          : { template }),
      ...(reuse === undefined ? {} : { reuse }),
      network,
      ephemeralMb: tmp,
      permissions: statementsOf(sources, [...permissions, ...references.map(readOf)], context),
      attemptsMax: retries.attempts + 1,
      eventAgeMaxMs: retries.age,
      ...(idempotency === undefined ? {} : { idempotency }),
      ...(deadLetter === undefined ? {} : { deadLetterQueue: deadLetter }),
      ...(destinations === undefined ? {} : { destinations: destinations.value }),
      ...(logging === undefined ? {} : { logging }),
    },
    code: { paths: code?.value ?? defaults.code, ...(bundle === undefined ? {} : { bundled: bundle }) },
    allowSecrets,
    wantedVariables: wantedVariablesOf(written),
    at: { code: code?.found.at ?? handler?.found.at ?? at, handler: handler?.found.at ?? code?.found.at ?? at },
  };
}

/** Whoever is given a value may read it. */
const readOf = ({ kind, name }: VariableReference): Grant => ({ grant: 'read', kind, name });

function bucketsOf(written: Written, functions: readonly ManifestFunction[]): { name: string }[] {
  const named = functions
    .flatMap(({ sources }) => sources)
    .flatMap((source) => (source.kind === 'bucket' || source.kind === 'email' ? (source.bucket ?? []) : []));
  named.push(...failurePlaces(functions, 's3'));
  return [...new Set([...written.resources.buckets, ...named])].map((name) => ({ name }));
}

/** Where it is told what was given up of tables' changes. `service`: of its ARN. */
function failurePlaces(functions: readonly ManifestFunction[], service: string): string[] {
  return functions
    .flatMap(({ sources }) => sources)
    .flatMap((source) => {
      const arn = source.kind === 'table' ? parseArn(source.onFailure ?? '') : undefined;
      return arn?.service === service ? [arn.resource] : [];
    });
}

function topicsOf(written: Written, functions: readonly ManifestFunction[]): { name: string }[] {
  const named = functions
    .flatMap(({ sources }) => sources)
    .flatMap((source) => (source.kind === 'topic' ? [source.topic] : []));
  named.push(...failurePlaces(functions, 'sns'));
  return [...new Set([...written.resources.topics, ...named])].map((name) => ({ name }));
}

function busesOf(written: Written, functions: readonly ManifestFunction[]): { name: string }[] {
  const named = functions
    .flatMap(({ sources }) => sources)
    .flatMap((source) => (source.kind === 'bus' ? [source.bus] : []));
  const names = new Set([...written.resources.buses, ...named]);
  names.delete(defaultBus);
  return [...names].map((name) => ({ name }));
}

/** Queues of the manifest, and every one that it mentions. */
function queuesOf(written: Written, functions: readonly ManifestFunction[]): DeployedQueue[] {
  const settings = new Map<string, WrittenQueue | undefined>(written.resources.queues);
  const mentioned = [
    ...functions.flatMap(({ sources }) => sources).flatMap((source) => (source.kind === 'queue' ? [source.queue] : [])),
    ...functions.flatMap((fn) => fn.settings.deadLetterQueue ?? []),
    ...failurePlaces(functions, 'sqs'),
    ...[...written.resources.queues.values()].flatMap((queue) => queue.deadLetter?.value ?? []),
  ];
  for (const name of mentioned) if (!settings.has(name)) settings.set(name, undefined);
  return [...settings].map(([name, queue]) => ({
    name,
    visibilityMs:
      queue?.visibility?.value ??
      Math.max(queueSettingsDefault.visibilityMs, ...readersOf(written, name).map(({ neededMs }) => neededMs)),
    ...(queue?.deadLetter === undefined
      ? {}
      : { redrive: { deadLetterQueue: queue.deadLetter.value, receivesMax: queue.receives ?? receivesDefault } }),
  }));
}

/** The functions that read a queue, and how long each may hold a message: while a batch fills, and while it runs. */
function readersOf(written: Written, queue: string): { name: string; neededMs: number }[] {
  return [...written.functions].flatMap(([name, { events, timeout }]) =>
    events.flatMap(({ value }) =>
      value.tag === 'queue' && value.value.queue === queue
        ? [{ name, neededMs: (timeout?.value ?? defaults.timeoutMs) + value.value.windowMs }]
        : [],
    ),
  );
}

/** Otherwise a message comes again while it is still worked on. Lambda refuses the same. */
function reportShortVisibility(written: Written, report: Report): void {
  for (const [queue, { visibility }] of written.resources.queues) {
    if (visibility === undefined) continue;
    for (const { name, neededMs } of readersOf(written, queue)) {
      if (visibility.value >= neededMs) continue;
      const needed = durationText(neededMs);
      report(
        visibility.found,
        `messages would come again after ${durationText(visibility.value)} while ${name} still works on them (${needed} with its time-out and window); ${needed} or more is accepted`,
      );
    }
  }
}

function profileOf({ limits }: WrittenFunction, context: ManifestContext): LimitProfileName {
  return limits ?? context.limits ?? defaultLimitProfile;
}

function reportOverLimits(written: Written, context: ManifestContext, report: Report): void {
  for (const fn of written.functions.values()) {
    const name = profileOf(fn, context);
    const { timeoutMsMax, memoryMbMax } = limitProfiles[name];
    const instead = `with the limits of ${name}; limits: … takes those of another (${limitProfileNames.filter((other) => other !== name).join(', ')})`;
    const { timeout, memory } = fn;
    if (timeout !== undefined && timeout.value > timeoutMsMax)
      report(
        timeout.found,
        `found ${durationText(timeout.value)}; at most ${durationText(timeoutMsMax)} is accepted ${instead}`,
      );
    if (memory !== undefined && memory.value > memoryMbMax)
      report(memory.found, `found ${memory.value}; at most ${memoryMbMax} MB are accepted ${instead}`);
  }
}

function reportOwnDeadLetters(written: Written, report: Report): void {
  for (const [queue, { deadLetter }] of written.resources.queues) {
    if (deadLetter === undefined) continue;
    if (deadLetter.value === queue)
      report(deadLetter.found, `${queue} would be its own dead letters; write the name of another queue`);
    else if (isFifoName(deadLetter.value) !== isFifoName(queue))
      report(
        deadLetter.found,
        `a queue and its dead letters both keep an order, or neither does; write a name ${isFifoName(queue) ? 'that ends in' : 'without'} .fifo`,
      );
  }
}

/** What happens in a table is told by its stream. Of a table that is written wrong that has been said, and no more is known. */
function reportMissingStreams({ functions, resources: { tables } }: Written, root: Found, report: Report): void {
  const place = ['resources', 'tables'];
  const isWritten = (name: string): boolean => under(root, ...place, name).path === [...place, name].join('.');
  for (const { events } of functions.values())
    for (const { value, found } of events) {
      if (value.tag === 'url' || value.value.kind !== 'table') continue;
      const { table } = value.value;
      const settings = tables.get(table);
      if (settings === undefined && isWritten(table)) continue;
      if (settings === undefined)
        report(
          found,
          `the manifest has no table ${table}; write it under resources.tables: ${table}: { key: id, stream: new and old }`,
        );
      else if (settings.stream === undefined)
        report(found, `the table ${table} has no stream; write stream: new and old beside its key`);
    }
}

function reportRoutesTwice(written: Written, report: Report): void {
  const first = new Map<string, { name: string; line: number }>();
  for (const [name, { events }] of written.functions) {
    for (const { value, found } of events) {
      const route = value.tag === 'url' ? undefined : routeOf(value.value);
      if (route === undefined) continue;
      const key = routeIdentity(route.method, route.path) ?? '';
      const before = first.get(key);
      if (before === undefined) first.set(key, { name, line: found.at.line });
      else
        report(
          found,
          `${route.method} ${route.path} is already a route of ${before.name} (line ${before.line}); one function answers a route`,
        );
    }
  }
}
