/**
 * Writes src/aws/model/*.ts, the shape tables of the AWS services, from the schemas that the official SDK's packages
 * export (`PutObject$` and so on: Smithy schemas as nested arrays; their format is that of @smithy/core/schema).
 *
 *   bin/node scripts/generate-aws-models.ts           writes them
 *   bin/node scripts/generate-aws-models.ts --check   exits 1 when one is not fresh
 *
 * A further service is one more line in `services`, and its package among the development dependencies.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import type {
  ModelTable,
  OperationTableEntry,
  Reference,
  ShapeTable,
  SimpleType,
  Traits,
} from '../src/aws/protocol/shape.ts';

type Service = {
  name: string;
  package: string;
  client: string;
  /** Of a service of which we serve a part: the operations whose shapes are wanted. The others are known by name. */
  built?: RegExp;
  /** Unions whose members the service counts itself, in words of its own. */
  looseUnions?: readonly string[];
};

const services = [
  { name: 's3', package: '@aws-sdk/client-s3', client: 'S3Client' },
  { name: 'sqs', package: '@aws-sdk/client-sqs', client: 'SQSClient' },
  { name: 'lambda', package: '@aws-sdk/client-lambda', client: 'LambdaClient' },
  { name: 'sns', package: '@aws-sdk/client-sns', client: 'SNSClient' },
  { name: 'ses', package: '@aws-sdk/client-ses', client: 'SESClient' },
  { name: 'sesv2', package: '@aws-sdk/client-sesv2', client: 'SESv2Client' },
  { name: 'events', package: '@aws-sdk/client-eventbridge', client: 'EventBridgeClient' },
  { name: 'scheduler', package: '@aws-sdk/client-scheduler', client: 'SchedulerClient' },
  { name: 'pipes', package: '@aws-sdk/client-pipes', client: 'PipesClient' },
  { name: 'kms', package: '@aws-sdk/client-kms', client: 'KMSClient' },
  {
    name: 'iam',
    package: '@aws-sdk/client-iam',
    client: 'IAMClient',
    built:
      /^(?!Acquire|.*(Delegation|Organizations|Properties|HumanReadable|Template|Outbound|Accessed|ServiceAccess|TokenService|CredentialReport|SSHPublicKey$|(Server|Signing)Certificate$|SAMLProvider$|MFADevice$|SpecificCredential$|CertificateTags$|SAMLProviderTags$|MFADeviceTags$|ChangePassword))/,
  },
  { name: 'sts', package: '@aws-sdk/client-sts', client: 'STSClient' },
  { name: 'secretsmanager', package: '@aws-sdk/client-secrets-manager', client: 'SecretsManagerClient' },
  { name: 'cloudtrail', package: '@aws-sdk/client-cloudtrail', client: 'CloudTrailClient', built: /LookupEvents/ },
  { name: 'ssm', package: '@aws-sdk/client-ssm', client: 'SSMClient', built: /Parameter|ResourcePolic|Tags/ },
  {
    name: 'dynamodb',
    package: '@aws-sdk/client-dynamodb',
    client: 'DynamoDBClient',
    looseUnions: ['AttributeValue'],
  },
  { name: 'dynamodbstreams', package: '@aws-sdk/client-dynamodb-streams', client: 'DynamoDBStreamsClient' },
] as const satisfies readonly Service[];

const modelFolder = path.join(import.meta.dirname, '../src/aws/model');
const require = createRequire(import.meta.url);

/** Kinds of schema: the first element of the array. */
const kind = { simple: 0, list: 1, map: 2, structure: 3, union: 4, error: -3, operation: 9 } as const;

const simpleByNumber: Readonly<Record<number, SimpleType>> = {
  0: 'string',
  1: 'number',
  2: 'boolean',
  4: 'timestamp',
  5: 'dateTime',
  6: 'httpDate',
  7: 'epochSeconds',
  15: 'document',
  17: 'bigInteger',
  19: 'bigDecimal',
  21: 'blob',
  42: 'blob',
};
const streamingBlob = 42;
const listModifier = 64;
const mapModifier = 128;

/** Traits packed into a number, bit by bit from the lowest. */
const packedTraits = [
  'httpLabel',
  'idempotent',
  'idempotencyToken',
  'sensitive',
  'httpPayload',
  'httpResponseCode',
  'httpQueryParams',
];

/** What each trait of the SDK's becomes; undefined: of no consequence on the server's side of the wire. */
const traitByName: Readonly<Record<string, ((value: unknown) => Traits) | undefined>> = {
  httpLabel: () => ({ label: true }),
  httpHeader: (value) => ({ header: String(value) }),
  httpPrefixHeaders: (value) => ({ prefixHeaders: String(value) }),
  httpQuery: (value) => ({ query: String(value) }),
  httpQueryParams: () => ({ queryParams: true }),
  httpPayload: () => ({ payload: true }),
  httpResponseCode: () => ({ responseCode: true }),
  hostLabel: () => ({ hostLabel: true }),
  idempotencyToken: () => ({ idempotencyToken: true }),
  streaming: () => ({ streaming: true }),
  jsonName: (value) => ({ jsonName: String(value) }),
  mediaType: (value) => ({ mediaType: String(value) }),
  xmlName: (value) => ({ xmlName: String(value) }),
  xmlFlattened: () => ({ flattened: true }),
  xmlAttribute: () => ({ attribute: true }),
  xmlNamespace: (value) => ({ xmlNamespace: namespaceOf(value) }),
  eventHeader: () => ({ eventHeader: true }),
  eventPayload: () => ({ eventPayload: true }),
  error: (value) => ({ fault: value === 'server' ? 'server' : 'client' }),
  httpError: (value) => ({ status: Number(value) }),
  awsQueryError: (value) => ({ queryError: queryErrorOf(value) }),
};
const traitsWithoutConsequence = new Set([
  'sensitive',
  'idempotent',
  'http',
  'httpChecksum',
  'endpoint',
  'auth',
  'requiresLength',
  'contextParam',
  'requestCompression',
]);

function namespaceOf(value: unknown): string | [string, string] {
  if (Array.isArray(value)) return value.length > 1 ? [String(value[0]), String(value[1])] : String(value[0]);
  return String(value);
}

function queryErrorOf(value: unknown): [string, number] {
  if (!Array.isArray(value)) throw new Error(`awsQueryError: expected [code, status], got ${JSON.stringify(value)}`);
  return [String(value[0]), Number(value[1])];
}

function traitsOf(packed: unknown): Traits {
  const named: Record<string, unknown> = {};
  if (typeof packed === 'number') packedTraits.forEach((name, bit) => ((packed >> bit) & 1) === 1 && (named[name] = 1));
  else Object.assign(named, packed);
  const traits: Traits = {};
  for (const [name, value] of Object.entries(named)) {
    if (traitsWithoutConsequence.has(name)) continue;
    const translate = traitByName[name];
    if (translate === undefined)
      throw new Error(`trait '${name}' is new: decide in ${path.basename(import.meta.filename)} what it means`);
    Object.assign(traits, translate(value));
  }
  return traits;
}

/** A lazily referenced schema is a function that answers it. */
function dereference(schema: unknown): unknown {
  return typeof schema === 'function' ? dereference(schema()) : schema;
}

function withTraits(target: string, traits: Traits): Reference {
  return Object.keys(traits).length === 0 ? target : [target, traits];
}

function generate(
  exported: Readonly<Record<string, unknown>>,
  settings: Omit<ModelTable, 'operations' | 'shapes' | 'errors'>,
  { built = /^/, looseUnions = [] }: Pick<Service, 'built' | 'looseUnions'>,
): ModelTable {
  const operations: Record<string, OperationTableEntry> = {};
  const shapes: Record<string, ShapeTable> = {};
  const errors: Record<string, ShapeTable> = {};

  /** The target's name in the table; the shape itself is added on the way. */
  function target(lazy: unknown): string {
    const schema = dereference(lazy);
    if (schema === 'unit') return 'unit';
    if (typeof schema === 'number') {
      const simple = simpleByNumber[schema];
      if (simple !== undefined) return simple;
      if (schema >= mapModifier) return `{${target(schema - mapModifier)}}`;
      if (schema >= listModifier) return `[${target(schema - listModifier)}]`;
    }
    if (!Array.isArray(schema)) throw new Error(`schema ${JSON.stringify(schema)} is of a new form`);
    const name = String(schema[2]);
    // A simple shape without traits is nothing but its type.
    if (schema[0] === kind.simple && Object.keys(traitsOf(schema[3])).length === 0) return target(schema[4]);
    if (shapes[name] === undefined) {
      shapes[name] = { structure: {} }; // Holds the place: shapes may contain themselves.
      shapes[name] = shape(schema);
    }
    return `#${name}`;
  }

  function reference(schema: unknown): Reference {
    const direct = dereference(schema);
    if (Array.isArray(direct) && direct.length === 2)
      return withTraits(target(direct[0]), { ...streamingOf(direct[0]), ...traitsOf(direct[1]) });
    return withTraits(target(direct), streamingOf(direct));
  }

  function streamingOf(schema: unknown): Traits {
    return dereference(schema) === streamingBlob ? { streaming: true } : {};
  }

  function shape(schema: unknown[]): ShapeTable {
    const own = traitsOf(schema[3]);
    const traits = Object.keys(own).length === 0 ? {} : { traits: own };
    switch (schema[0]) {
      case kind.simple: {
        const simple = target(schema[4]) as SimpleType;
        return { simple, traits: own };
      }
      case kind.list:
        return { list: reference(schema[4]), ...traits };
      case kind.map:
        return { map: [reference(schema[4]), reference(schema[5])], ...traits };
      case kind.structure:
      case kind.union:
      case kind.error: {
        const [names, members, requiredCount] = [
          schema[4] as string[],
          schema[5] as unknown[],
          schema[6] as number | undefined,
        ];
        return {
          structure: Object.fromEntries(names.map((name, index) => [name, reference(members[index])])),
          ...(requiredCount === undefined ? {} : { required: names.slice(0, requiredCount) }),
          ...(schema[0] === kind.union && !looseUnions.includes(String(schema[2])) ? { union: true as const } : {}),
          ...traits,
        };
      }
      default:
        throw new Error(`schema ${String(schema[2])} is of the new kind ${String(schema[0])}`);
    }
  }

  for (const [exportName, schema] of Object.entries(exported).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!exportName.endsWith('$') || !Array.isArray(schema)) continue;
    const name = String(schema[2]);
    if (schema[0] === kind.operation) {
      const traits = schema[3] as { http?: [string, string, number]; httpChecksum?: unknown } | number;
      const http = typeof traits === 'object' ? traits.http : undefined;
      operations[name] = {
        ...(http === undefined ? {} : { http }),
        input: built.test(name) ? target(schema[4]).replace('#', '') : 'unit',
        output: built.test(name) ? target(schema[5]).replace('#', '') : 'unit',
        ...(typeof traits === 'object' && traits.httpChecksum !== undefined ? { checksum: true } : {}),
      };
    } else if (schema[0] === kind.error && !String(schema[1]).startsWith('smithy.ts.sdk.synthetic')) {
      errors[name] = shape(schema);
    }
  }
  return {
    ...settings,
    operations,
    shapes: Object.fromEntries(Object.entries(shapes).sort(([a], [b]) => (a < b ? -1 : 1))),
    errors,
  };
}

/** The file's text: one line for each operation, shape and error. */
function render(service: Service, table: ModelTable): string {
  const { name } = service;
  const { operations, shapes, errors, ...settings } = table;
  const section = (title: string, entries: object): string[] => [
    `  ${title}: {`,
    ...Object.entries(entries).map(([key, value]) => `    ${key}: ${literal(value)},`),
    '  },',
  ];
  const typeName = name.charAt(0).toUpperCase() + name.slice(1);
  return [
    `// Generated from ${table.generatedFrom} by scripts/generate-aws-models.ts. Do not edit: run \`npm run generate\`.`,
    "import type { ModelTable } from '../protocol/shape.ts';",
    '',
    `export type ${typeName}OperationName =`,
    ...Object.keys(operations)
      .filter((operation) => builtOf(service).test(operation))
      .map((operation, index, all) => `  | '${operation}'${index === all.length - 1 ? ';' : ''}`),
    '',
    `export const ${name}Model: ModelTable = {`,
    ...Object.entries(settings).map(([key, value]) => `  ${key}: ${literal(value)},`),
    ...section('operations', operations),
    ...section('shapes', shapes),
    ...section('errors', errors),
    '};',
    '',
  ].join('\n');
}

function literal(value: unknown): string {
  if (typeof value === 'string') return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(
    ([key, inner]) => `${/^[A-Za-z_$][\w$]*$/.test(key) ? key : literal(key)}: ${literal(inner)}`,
  );
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}

const builtOf = ({ built = /^/ }: Service): RegExp => built;

async function tableOf(service: Service): Promise<ModelTable> {
  const exported: Record<string, unknown> = require(service.package);
  const { version } = JSON.parse(await readFile(require.resolve(`${service.package}/package.json`), 'utf8')) as {
    version: string;
  };
  const Client = exported[service.client] as new (config: object) => {
    config: {
      serviceId: string;
      apiVersion: string;
      protocolSettings: {
        defaultNamespace: string;
        xmlNamespace?: string;
        serviceTarget?: string;
        awsQueryCompatible?: boolean;
      };
    };
  };
  const { config } = new Client({ region: 'us-east-1' });
  const settings = {
    generatedFrom: `${service.package}@${version}`,
    serviceId: config.serviceId,
    version: config.apiVersion,
    namespace: config.protocolSettings.defaultNamespace,
    targetPrefix: config.protocolSettings.serviceTarget ?? '',
    ...(config.protocolSettings.xmlNamespace === undefined
      ? {}
      : { xmlNamespace: config.protocolSettings.xmlNamespace }),
    ...(config.protocolSettings.awsQueryCompatible === true ? { queryCompatible: true as const } : {}),
  };
  return generate(exported, settings, service);
}

const checking = process.argv.includes('--check');
let stale = 0;
for (const service of services) {
  const file = path.join(modelFolder, `${service.name}.ts`);
  const text = render(service, await tableOf(service));
  if (!checking) {
    await writeFile(file, text);
    console.log(`${path.relative(process.cwd(), file)}: ${text.length} characters`);
  } else if ((await readFile(file, 'utf8').catch(() => '')) !== text) {
    stale += 1;
    console.error(`${path.relative(process.cwd(), file)} is not fresh: run \`npm run generate\``);
  }
}
if (stale > 0) process.exitCode = 1;
