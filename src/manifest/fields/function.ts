/** One function of a manifest. */
import { runtimeFamily, type RuntimeFamily } from '../../util/runtime-names.ts';
import { limitProfileNames, profileTimeoutMsMax, type LimitProfileName } from '../../util/limit-profiles.ts';
import { provisionedMax } from '../../registry/set-aside.ts';
import { limits } from '../../util/limits.ts';
import { defaulted, either, list, object, optional, required } from '../shape/compound.ts';
import { duration, durationText } from '../shape/duration.ts';
import { choice, text, wholeNumber, yesOrNo } from '../shape/scalar.ts';
import type { Found } from '../found.ts';
import { findSecrets } from '../scan/find-secrets.ts';
import { secretAdvice } from '../scan/secret-advice.ts';
import { described, placed, refine, type Report } from '../shape/shape.ts';
import { environment } from './environment.ts';
import { events } from './events.ts';
import { destinations } from './destinations.ts';
import { idempotency } from './idempotency.ts';
import { keepWarm } from './keep-warm.ts';
import { layers, repeatedLayer } from './layers.ts';
import { logging } from './logging.ts';
import { network } from './network.ts';
import { standardQueueName } from './names.ts';
import { permissions } from './permissions.ts';
import { runtime } from './runtime.ts';

/**
 * Defaults. Memory as the Serverless Framework has it (Lambda's own 128 MB makes Node and Python start slowly, CPU
 * being in proportion); time-out as long as API Gateway waits; the rest as Lambda.
 */
export const defaults = {
  code: '.',
  memoryMb: 1024,
  timeoutMs: 30_000,
  ephemeralMb: 512,
  retryAttempts: 2,
  retryAgeMs: 6 * 3_600_000,
} as const;

/** `256MB`, `1 GB`, `1g`: what they are in MB, rounded up. */
function megabytes(written: string): number | undefined {
  const found = /^\s*([0-9]+(?:\.[0-9]+)?)\s*([kmgt]?)i?(?:b|bytes?)?\s*$/i.exec(written);
  if (found === null) return undefined;
  const perUnit = { k: 1 / 1024, m: 1, g: 1024, t: 1024 * 1024 }[(found[2] ?? '').toLowerCase()] ?? 1;
  return Math.ceil(Number(found[1]) * perUnit);
}

function memorySize(min: number, max: number): ReturnType<typeof wholeNumber> {
  return wholeNumber({
    min,
    max,
    accepts: `a whole number of MB from ${min} to ${max}, without a unit,`,
    advise: (written) => {
      const meant = megabytes(written);
      if (meant === undefined) return undefined;
      return `Write ${Math.min(max, Math.max(min, meant))}.`;
    },
  });
}

const handler = text({
  pattern: /[^\s]{1,128}/,
  accepts: 'the file without its ending, a dot and the function in it (hello.lambda_handler, src/index.handler),',
  advise: (written) => (/\s/.test(written.trim()) ? undefined : `Write ${written.trim()}.`),
});

const patternText = text({ pattern: /!?\P{Cc}{1,1024}/u, accepts: 'a path or a pattern (src/**, !**/*.test.ts)' });

/** Whether the file has the form that the runtime wants is checked against the files, when it is packed. */
const code = either<readonly string[] | string>({
  text: text({
    pattern: /(?!!)(?:(?!\*)\P{Cc}){1,1024}/u,
    accepts: 'a folder or a file, or a list of patterns,',
    advise: (written) => `Patterns come in a list: write ['${written}'].`,
  }),
  list: list(patternText, { accepts: 'a list of patterns', itemsMin: 1, itemsMax: 1_000 }),
});

/** Lambda allows 2 and 6 hours; here is room for those who wait for somebody else's repair. */
const retriesMax = limits.attemptsMax - 1;
const retryAgeMsMax = 14 * 24 * 3_600_000;

const retries = object(
  {
    attempts: defaulted(
      wholeNumber({ min: 0, max: retriesMax, accepts: `a whole number from 0 to ${retriesMax}` }),
      defaults.retryAttempts,
      defaults.retryAttempts,
      'Retries after the first attempt.',
    ),
    age: defaulted(
      duration({ minMs: 60_000, maxMs: retryAgeMsMax }),
      defaults.retryAgeMs,
      durationText(defaults.retryAgeMs),
      'How old an event may become before it is given up.',
    ),
  },
  {
    accepts: 'a map of attempts and age',
    hints: {
      maximumretryattempts: 'it is called attempts',
      maximumeventage: 'it is called age: 1h',
      maximumeventageinseconds: 'it is called age: 1h',
      max: 'it is called attempts',
    },
  },
);

const noServers = 'there are no servers to describe; the platform makes as many environments as are needed. Remove it';

const functionShape = object(
  {
    runtime: required(runtime, 'What runs it.', 'runtime: nodejs (or python, or provided)'),
    handler: optional(
      placed(handler),
      'The file without its ending, a dot, and the function in it. Not needed by provided.',
    ),
    code: defaulted(
      placed(code),
      undefined,
      defaults.code,
      "A folder, a file, or a list of patterns (src/**, !**/*.test.ts), from the manifest's folder.",
    ),
    bundle: optional(
      yesOrNo(),
      'Whether esbuild makes one file of the code and its packages: by default, for TypeScript.',
    ),
    limits: optional(
      choice<LimitProfileName>({
        words: Object.fromEntries(limitProfileNames.map((name) => [name, name])),
        accepts: limitProfileNames.join(', '),
      }),
      "Whose limits of time and memory hold: a provider's; by default the platform's, which are Lambda's unless it was started with others.",
    ),
    memory: defaulted(
      placed(memorySize(limits.memoryMbMin, limits.memoryMbMax)),
      undefined,
      defaults.memoryMb,
      'MB; CPU in proportion.',
    ),
    timeout: defaulted(
      placed(duration({ minMs: 1_000, maxMs: profileTimeoutMsMax })),
      undefined,
      defaults.timeoutMs / 1000,
      'How long one invocation may take: seconds, or 10s, 2m.',
    ),
    environment: defaulted(environment, {}, {}, 'Environment variables.'),
    allowSecrets: defaulted(
      list(text({ pattern: /\P{Cc}{1,1024}/u, accepts: 'a path, a pattern, or the name of a variable' }), {
        accepts: 'a list of paths, patterns and names of variables',
        itemsMax: 1_000,
      }),
      [],
      [],
      'Files (patterns) and variables that look as if they held a key or token, and hold none: keys for tests.',
    ),
    concurrency: optional(
      wholeNumber({
        min: 0,
        max: limits.accountConcurrencyMax,
        accepts: `a whole number from 0 to ${limits.accountConcurrencyMax}`,
      }),
      'Invocations at once, at most; 0 stops it.',
    ),
    concurrencyPerEnvironment: optional(
      wholeNumber({
        min: 1,
        max: limits.concurrencyPerEnvironmentMax,
        accepts: `a whole number from 1 to ${limits.concurrencyPerEnvironmentMax}`,
      }),
      'Invocations that one environment runs at the same time; for handlers of Node.js that allow it. By default one.',
    ),
    provisioned: optional(
      wholeNumber({
        min: 0,
        max: provisionedMax,
        accepts: `a whole number from 0 to ${provisionedMax}`,
      }),
      'Environments that are kept ready, whether anybody calls or not.',
    ),
    keepWarm: optional(
      keepWarm,
      "How long an idle environment is kept: a time (10m), or predicted, from its calls. By default as the platform's are.",
    ),
    template: optional(
      yesOrNo(),
      'Whether environments may begin with an image of an initialised one: by default, where its runtime can (Python).',
    ),
    reuse: optional(
      choice<'none'>({
        words: { none: 'none' },
        accepts: 'none',
        advise: (written) => (/^(off|false|no|never)$/i.test(written) ? 'Did you mean none?' : undefined),
      }),
      'none: each environment serves one invocation, so that nothing is left of it for the next.',
    ),
    network: defaulted(
      network,
      'internet',
      'internet',
      'internet: public addresses and the platform. none: the platform alone. Or a map of what it reaches.',
    ),
    tmp: defaulted(
      memorySize(limits.ephemeralMbMin, limits.ephemeralMbMax),
      defaults.ephemeralMb,
      defaults.ephemeralMb,
      'Size of /tmp, in MB.',
    ),
    permissions: defaulted(permissions, [], [], 'What it may do beyond the buckets and queues of its own events.'),
    retries: defaulted(
      retries,
      { attempts: defaults.retryAttempts, age: defaults.retryAgeMs },
      { attempts: defaults.retryAttempts, age: durationText(defaults.retryAgeMs) },
      'Of asynchronous events.',
    ),
    idempotency: optional(
      idempotency,
      'A repeated event is answered from its first result, and runs nothing: what it is known by, and for how long.',
    ),
    destinations: optional(
      placed(destinations),
      'Addresses that hear of asynchronous events that succeeded (onSuccess) or were given up (onFailure), as CloudEvents: { url, mode, token }.',
    ),
    deadLetter: optional(standardQueueName, 'The queue that receives events which have no attempts left.'),
    layers: optional(layers, 'Versions of layers, later ones over earlier ones: tools:3, or an ARN.'),
    logging: optional(logging, 'json, or a map of format, level, system and group; text by default.'),
    events: defaulted(events, [], [], 'What makes it run.'),
  },
  {
    accepts: 'a map of runtime, handler, events …',
    hints: {
      name: 'the key above is the name',
      functionname: 'the key above is the name',
      description: 'write a comment (#)',
      memorysize: 'it is called memory',
      timeoutms: 'it is called timeout, in seconds: timeout: 10',
      timeoutseconds: 'it is called timeout',
      loggingconfig: 'it is called logging: { format: json }',
      logformat: 'it is called logging: json',
      loglevel: 'it is called logging: { format: json, level: DEBUG }',
      env: 'it is called environment',
      envvars: 'it is called environment',
      variables: 'it is called environment',
      environmentvariables: 'it is called environment',
      reservedconcurrency: 'it is called concurrency',
      concurrencymax: 'it is called concurrency',
      maxconcurrency: 'it is called concurrency',
      provisionedconcurrency: 'it is called provisioned',
      containerconcurrency: 'it is called concurrencyPerEnvironment',
      perexecutionenvironmentmaxconcurrency: 'it is called concurrencyPerEnvironment',
      environmentconcurrency: 'it is called concurrencyPerEnvironment',
      keepalive: 'it is called keepWarm: 10m',
      idletimeout: 'it is called keepWarm: 10m',
      idle: 'it is called keepWarm: 10m',
      ephemeralstoragesize: 'it is called tmp, in MB',
      ephemeralstorage: 'it is called tmp, in MB',
      package: 'it is called code: [patterns]',
      patterns: 'it is called code: [patterns]',
      include: 'it is called code: [patterns]',
      exclude: "it is called code: ['**', '!pattern']",
      codeuri: 'it is called code',
      artifact: 'it is called code, and takes the folder that the zip was made of',
      entry: 'it is called handler: src/index.handler',
      main: 'it is called handler: src/index.handler',
      role: 'write what it may do under permissions',
      policies: 'write what it may do under permissions',
      iamrolestatements: 'write what it may do under permissions',
      trigger: 'it is called events, a list: - http: GET /hello',
      triggers: 'it is called events, a list: - http: GET /hello',
      event: 'it is called events, a list: - http: GET /hello',
      http: 'put it in events: - http: GET /hello',
      httpapi: 'put it in events: - http: GET /hello',
      url: 'put it in events: - url: true',
      s3: 'put it in events: - bucket: NAME',
      bucket: 'put it in events: - bucket: NAME',
      sqs: 'put it in events: - queue: NAME',
      queue: 'put it in events: - queue: NAME',
      schedule: 'put it in events: - schedule: rate(5 minutes)',
      onerror: 'it is called deadLetter: NAME (of a queue)',
      deadletterqueue: 'it is called deadLetter: NAME (of a queue)',
      maximumretryattempts: 'it is called retries: { attempts: 2 }',
      maximumeventage: 'it is called retries: { age: 6h }',
      image: 'code is a folder or patterns; container images are not there yet',
      vpc: 'there is no network to describe; network: none keeps a function away from the internet. Remove it',
      cpu: `CPU comes in proportion to memory: one whole CPU at ${limits.memoryMbPerCpu} MB. Remove it`,
      cpus: `CPU comes in proportion to memory: one whole CPU at ${limits.memoryMbPerCpu} MB. Remove it`,
      vcpu: `CPU comes in proportion to memory: one whole CPU at ${limits.memoryMbPerCpu} MB. Remove it`,
      host: noServers,
      hostname: noServers,
      port: noServers,
      ports: noServers,
      listen: noServers,
      replicas: noServers,
      replica: noServers,
      instances: noServers,
      mininstances: noServers,
      maxinstances: `${noServers}, or set concurrency to limit it`,
      scale: noServers,
      scaling: noServers,
      minscale: noServers,
      maxscale: `${noServers}, or set concurrency to limit it`,
      server: noServers,
      servers: noServers,
      processes: noServers,
      process: noServers,
      workers: noServers,
      vm: noServers,
      machine: noServers,
      nodes: noServers,
      region: "where things run is the platform's matter. Remove it",
    },
  },
);

const unlessProvided = { anyOf: [{ required: ['handler'] }, { properties: { runtime: { pattern: '^provided' } } }] };

const handlerExamples: Readonly<Record<Exclude<RuntimeFamily, 'provided'>, string>> = {
  nodejs: 'handler: index.handler (handler in index.ts, index.mjs or index.js)',
  python: 'handler: hello.lambda_handler (lambda_handler in hello.py)',
  ruby: 'handler: hello.lambda_handler (lambda_handler in hello.rb)',
  java: 'handler: example.Hello::handleRequest (handleRequest in the class example.Hello)',
};

/** `handler` belongs to every runtime but `provided`. */
export const functionWithHandler = refine(
  placed(described(functionShape, unlessProvided)),
  ({ value, found }, _found, report) => {
    reportSecrets(found, value.allowSecrets, report);
    const family = runtimeFamily(value.runtime);
    if (
      family !== 'provided' &&
      value.handler === undefined &&
      !(found.kind === 'map' && found.entries.some(({ key }) => key === 'handler'))
    ) {
      report(found, `handler is missing; write ${handlerExamples[family]}`);
      return undefined;
    }
    const { provisioned = 0, concurrency = provisioned, concurrencyPerEnvironment: atOnce = 1 } = value;
    if (atOnce > 1 && family !== 'nodejs')
      report(found, `concurrencyPerEnvironment is ${atOnce}; of ${value.runtime} an environment runs 1 at a time`);
    if (atOnce > 1 && value.reuse === 'none')
      report(found, `concurrencyPerEnvironment is ${atOnce}; with reuse: none an environment runs 1 in all`);
    if (provisioned > concurrency)
      report(found, `provisioned is ${provisioned}; at most its concurrency, ${concurrency}, is accepted`);
    const batched = value.events.find(
      ({ value: event }) =>
        event.tag !== 'url' &&
        (event.value.kind === 'queue' || event.value.kind === 'table') &&
        event.value.batchMax > 1,
    );
    if (value.idempotency !== undefined && batched !== undefined)
      report(found, `idempotency knows whole events: write batch: 1 on its ${batched.value.tag} events`);
    const repeated = repeatedLayer(value.layers ?? []);
    if (repeated !== undefined) report(found, `layers names ${repeated} twice; one version of it is accepted`);
    return value;
  },
);

/** Variables with keys or tokens in them: whoever may look at the function sees them. */
function reportSecrets(found: Found, allowed: readonly string[], report: Report): void {
  const variables = found.kind === 'map' ? found.entries.find(({ key }) => key === 'environment')?.value : undefined;
  for (const { key: name, value } of variables?.kind === 'map' ? variables.entries : []) {
    if (value.kind !== 'scalar' || allowed.includes(name)) continue;
    // With its name: a key of AWS's has no form of its own.
    const [first] = findSecrets(Buffer.from(`${name}=${value.text}`));
    if (first !== undefined) report(value, `this looks like ${first.what}; ${secretAdvice(name)}`);
  }
}
