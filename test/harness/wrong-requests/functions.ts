/** Functions, versions and aliases. The function `made` is there, with versions 1 and 2 and the alias `live` on 1. */
import {
  CreateAliasCommand,
  CreateFunctionCommand,
  DeleteFunctionCommand,
  GetAliasCommand,
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  ListFunctionsCommand,
  ListTagsCommand,
  PublishVersionCommand,
  TagResourceCommand,
  UpdateAliasCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
  type CreateFunctionCommandInput,
} from '@aws-sdk/client-lambda';
import { arnOf, role, runtime } from '../lambda-rig.ts';
import {
  atLeast,
  atMost,
  conflict,
  inPattern,
  invalid,
  malformed,
  notFound,
  notLonger,
  oneOf,
  sources,
  stale,
  violation,
  type WrongRequest,
} from './wrong-request.ts';

const { recorded, limits, deploymentErrors } = sources;

/** `zip`: one that works. `bomb`: 251 MB unzipped. `empty`: a zip without files. `climbing`: one of its paths leads out. */
export type Zips = Readonly<Record<'zip' | 'bomb' | 'empty' | 'climbing', Buffer>>;

export function wrongFunctions({ zip, bomb, empty, climbing }: Zips): readonly WrongRequest[] {
  const make = (more: Partial<CreateFunctionCommandInput>) =>
    new CreateFunctionCommand({
      FunctionName: 'wrong',
      Runtime: runtime,
      Handler: 'index.handler',
      Role: role,
      Code: { ZipFile: zip },
      ...more,
    });
  const get = (FunctionName: string, Qualifier?: string) =>
    new GetFunctionCommand({ FunctionName, ...(Qualifier === undefined ? {} : { Qualifier }) });
  const alias = (Name: string, FunctionVersion: string, weights?: Record<string, number>) =>
    new CreateAliasCommand({
      FunctionName: 'made',
      Name,
      FunctionVersion,
      ...(weights === undefined ? {} : { RoutingConfig: { AdditionalVersionWeights: weights } }),
    });
  const variables = (Variables: Record<string, string>) => make({ Environment: { Variables } });
  const notUnzipped = 'Could not unzip uploaded file. Please check your file, then try to upload again.';

  return [
    // Names.
    malformed('a name with a blank', get('bad name'), violation('functionName', inPattern, 'bad name')),
    malformed('a name of 257 characters', get('a'.repeat(257)), violation('functionName', notLonger(256))),
    malformed(
      'an ARN of a bucket',
      get('arn:aws:s3:::made'),
      violation('functionName', inPattern, 'arn:aws:s3:::made'),
    ),
    notFound(
      'an ARN of another region',
      get(arnOf('made').replace('us-east-1', 'eu-west-1')),
      `Functions from 'eu-west-1' are not reachable in this region ('us-east-1')`,
      recorded,
    ),
    {
      what: 'an ARN of another account',
      command: get(arnOf('made').replace('000000000000', '123456789012')),
      status: 403,
      code: 'AccessDeniedException',
      message:
        /is not authorized to perform.* on resource: arn:aws:lambda:us-east-1:123456789012:function:made because no resource-based policy allows/,
      source: recorded,
    },
    invalid(
      'a qualifier beside another in the ARN',
      get(`${arnOf('made')}:1`, '2'),
      'The derived qualifier from the function name does not match the specified qualifier.',
      recorded,
    ),

    // Settings.
    malformed('127 MB', make({ MemorySize: 127 }), violation('memorySize', atLeast(128), '127')),
    malformed('10,241 MB', make({ MemorySize: 10_241 }), violation('memorySize', atMost(10_240), '10241')),
    malformed('no time', make({ Timeout: 0 }), violation('timeout', atLeast(1), '0')),
    malformed('901 seconds', make({ Timeout: 901 }), violation('timeout', atMost(900), '901')),
    malformed(
      '511 MB of /tmp',
      make({ EphemeralStorage: { Size: 511 } }),
      violation('ephemeralStorage.size', atLeast(512), '511'),
    ),
    malformed(
      '10,241 MB of /tmp',
      make({ EphemeralStorage: { Size: 10_241 } }),
      violation('ephemeralStorage.size', atMost(10_240), '10241'),
    ),
    malformed(
      'a handler with a blank',
      make({ Handler: 'index handler' }),
      violation('handler', inPattern, 'index handler'),
    ),
    malformed('a handler of 129 characters', make({ Handler: 'h'.repeat(129) }), violation('handler', notLonger(128))),
    malformed(
      'a description of 257 characters',
      make({ Description: 'd'.repeat(257) }),
      violation('description', notLonger(256)),
    ),
    malformed('a role that is none', make({ Role: 'admin' }), violation('role', inPattern, 'admin')),
    malformed(
      'a processor that there is not',
      make({ Architectures: ['mips' as 'arm64'] }),
      violation(
        'architectures',
        RegExp.escape(
          'Member must satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64], Member must not be null]',
        ),
        '[mips]',
      ),
    ),
    malformed(
      'two processors',
      make({ Architectures: ['arm64', 'x86_64'] }),
      violation('architectures', notLonger(1), '[arm64, x86_64]'),
    ),
    malformed(
      'a package of another type',
      make({ PackageType: 'Tar' as 'Zip' }),
      violation('packageType', oneOf('Image', 'Zip'), 'Tar'),
    ),
    malformed(
      'SnapStart of everything',
      make({ SnapStart: { ApplyOn: 'All' as 'None' } }),
      violation('snapStart.applyOn', oneOf('PublishedVersions', 'None'), 'All'),
    ),
    malformed(
      'tracing of another kind',
      make({ TracingConfig: { Mode: 'Loud' as 'Active' } }),
      violation('tracingConfig.mode', oneOf('Active', 'PassThrough'), 'Loud'),
    ),
    malformed(
      'logs in another format',
      make({ LoggingConfig: { LogFormat: 'XML' as 'JSON' } }),
      violation('loggingConfig.logFormat', oneOf('JSON', 'Text'), 'XML'),
    ),
    malformed(
      'a dead-letter target that is no ARN',
      make({ DeadLetterConfig: { TargetArn: 'jobs' } }),
      violation('deadLetterConfig.targetArn', inPattern, 'jobs'),
    ),
    invalid(
      'a runtime that there is not',
      make({ Runtime: 'nodejs99.x' as 'nodejs22.x' }),
      /^Value nodejs99\.x at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: \[.*nodejs22\.x.*\] or be a valid ARN$/,
      recorded,
    ),

    // Variables.
    malformed(
      'a variable whose name begins with a digit',
      variables({ '1A': 'x' }),
      /^1 validation error detected: Value '.*' at 'environment\.variables' failed to satisfy constraint: Map keys must satisfy constraint: \[/,
    ),
    invalid(
      'a variable that is the platform’s',
      variables({ AWS_REGION: 'eu-west-1' }),
      /^Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification\. Reserved keys used in this request: AWS_REGION$/,
      deploymentErrors,
    ),
    invalid(
      'more than 4 KB of variables',
      variables({ BIG: 'x'.repeat(4_096) }),
      /^Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the 4KB limit\. String measured: /,
      recorded,
    ),

    // Code.
    invalid('what is no zip', make({ Code: { ZipFile: Buffer.from('not a zip') } }), notUnzipped, deploymentErrors),
    invalid(
      'a zip without files',
      make({ Code: { ZipFile: empty } }),
      'Uploaded file must be a non-empty zip',
      deploymentErrors,
    ),
    invalid('a zip that is cut off', make({ Code: { ZipFile: zip.subarray(0, -40) } }), notUnzipped, deploymentErrors),
    invalid('a zip that climbs out', make({ Code: { ZipFile: climbing } }), notUnzipped, deploymentErrors),
    invalid(
      'a zip bomb',
      make({ Code: { ZipFile: bomb } }),
      'Unzipped size must be smaller than 262144000 bytes',
      deploymentErrors,
    ),
    {
      what: 'a request of more than 70,167,211 bytes',
      command: make({ Code: { ZipFile: Buffer.alloc(52_700_000) } }),
      status: 413,
      code: 'RequestEntityTooLargeException',
      message: 'Request must be smaller than 70167211 bytes for the CreateFunction operation',
      source: limits,
    },
    invalid(
      'no code',
      make({ Code: {} }),
      'Please provide a source for function code.',
      'https://github.com/fog/fog-aws/blob/master/lib/fog/aws/requests/lambda/update_function_code.rb',
    ),
    invalid(
      'code from two places',
      make({ Code: { ZipFile: zip, S3Bucket: 'none', S3Key: 'none' } }),
      'Please do not provide other FunctionCode parameters when providing a ZipFile.',
      'https://docs.aws.amazon.com/lambda/latest/api/API_FunctionCode.html',
    ),
    invalid(
      'code from a bucket that is not there',
      make({ Code: { S3Bucket: 'nobody-has-this', S3Key: 'code.zip' } }),
      'Error occurred while GetObject. S3 Error Code: NoSuchBucket. S3 Error Message: The specified bucket does not exist',
      deploymentErrors,
    ),
    invalid(
      'code from an object that is not there',
      make({ Code: { S3Bucket: 'code', S3Key: 'none.zip' } }),
      'Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not exist.',
      deploymentErrors,
    ),
    invalid(
      'new code from nowhere',
      new UpdateFunctionCodeCommand({ FunctionName: 'made' }),
      'Please provide a source for function code.',
      recorded,
    ),

    // What is not there, or is already.
    conflict('a name that is taken', make({ FunctionName: 'made' }), 'Function already exist: made', recorded),
    notFound('an unknown function', get('none'), `Function not found: ${arnOf('none')}`, recorded),
    notFound('an unknown version', get('made', '99'), `Function not found: ${arnOf('made')}:99`, recorded),
    notFound(
      'an unknown alias as qualifier',
      get('made', 'none'),
      `Function not found: ${arnOf('made')}:none`,
      recorded,
    ),
    notFound(
      'the configuration of an unknown function',
      new GetFunctionConfigurationCommand({ FunctionName: 'none' }),
      `Function not found: ${arnOf('none')}`,
      recorded,
    ),
    notFound(
      'new settings of an unknown function',
      new UpdateFunctionConfigurationCommand({ FunctionName: 'none', Timeout: 5 }),
      `Function not found: ${arnOf('none')}`,
      recorded,
    ),
    notFound(
      'deleting an unknown function',
      new DeleteFunctionCommand({ FunctionName: 'none' }),
      `Function not found: ${arnOf('none')}`,
      recorded,
    ),
    invalid(
      'deleting $LATEST alone',
      new DeleteFunctionCommand({ FunctionName: 'made', Qualifier: '$LATEST' }),
      '$LATEST version cannot be deleted without deleting the function.',
      recorded,
    ),
    conflict(
      'deleting a version that an alias points to',
      new DeleteFunctionCommand({ FunctionName: 'made', Qualifier: '1' }),
      /^Unable to delete version because the following aliases reference it: \[live\]$/,
      'https://github.com/karl-cardenas-coding/go-lambda-cleanup/issues/45',
    ),
    malformed(
      'functions of another version than all',
      new ListFunctionsCommand({ FunctionVersion: 'SOME' as 'ALL' }),
      violation('functionVersion', oneOf('ALL'), 'SOME'),
    ),
    malformed('none at a time', new ListFunctionsCommand({ MaxItems: 0 }), violation('maxItems', atLeast(1), '0')),

    // Versions.
    invalid(
      'a version of other code',
      new PublishVersionCommand({ FunctionName: 'made', CodeSha256: 'A'.repeat(43) + '=' }),
      /^CodeSHA256 \(A{43}=\) is different from current CodeSHA256 in \$LATEST \(.{44}\)\. Please try again with the CodeSHA256 in \$LATEST\.$/,
      recorded,
    ),
    stale(
      'a version of a revision that is over',
      new PublishVersionCommand({ FunctionName: 'made', RevisionId: crypto.randomUUID() }),
    ),
    stale(
      'new settings of a revision that is over',
      new UpdateFunctionConfigurationCommand({ FunctionName: 'made', Timeout: 5, RevisionId: crypto.randomUUID() }),
    ),
    stale(
      'new code over a revision that is over',
      new UpdateFunctionCodeCommand({ FunctionName: 'made', ZipFile: zip, RevisionId: crypto.randomUUID() }),
    ),
    stale(
      'moving an alias of a revision that is over',
      new UpdateAliasCommand({
        FunctionName: 'made',
        Name: 'live',
        FunctionVersion: '2',
        RevisionId: crypto.randomUUID(),
      }),
    ),

    // Aliases.
    malformed('an alias named like a version', alias('12', '1'), violation('name', inPattern, '12')),
    conflict('an alias that is there', alias('live', '1'), `Alias already exists: ${arnOf('made')}:live`, recorded),
    notFound(
      'an alias of an unknown version',
      alias('next', '99'),
      `Function not found: ${arnOf('made')}:99`,
      recorded,
    ),
    notFound(
      'an unknown alias',
      new GetAliasCommand({ FunctionName: 'made', Name: 'none' }),
      `Cannot find alias arn: ${arnOf('made')}:none`,
      recorded,
    ),
    malformed(
      'a weight over 1',
      alias('next', '1', { 2: 1.5 }),
      /^1 validation error detected: Value '.*' at 'routingConfig\.additionalVersionWeights' failed to satisfy constraint: Map value must satisfy constraint: \[/,
    ),
    malformed(
      'a weight of $LATEST',
      alias('next', '1', { $LATEST: 0.5 }),
      /^1 validation error detected: Value '.*' at 'routingConfig\.additionalVersionWeights' failed to satisfy constraint: Map keys must satisfy constraint: \[/,
    ),
    invalid(
      'two weights',
      alias('next', '1', { 1: 0.1, 2: 0.1 }),
      'Number of items in AdditionalVersionWeights cannot be greater than 1',
      recorded,
    ),
    invalid(
      'a weight of the version itself',
      alias('next', '1', { 1: 0.1 }),
      'Invalid function version 1. Function version 1 is already included in routing configuration.',
      recorded,
    ),
    invalid(
      'a weight beside $LATEST',
      alias('next', '$LATEST', { 1: 0.1 }),
      '$LATEST is not supported for an alias pointing to more than 1 version',
      recorded,
    ),
    notFound(
      'a weight of an unknown version',
      alias('next', '1', { 99: 0.1 }),
      `Function not found: ${arnOf('made')}:99`,
      recorded,
    ),

    // Tags.
    invalid(
      '51 tags',
      make({ Tags: Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`key${index}`, ''])) }),
      'Number of tags exceeds resource tag limit.',
      recorded,
    ),
    invalid(
      'tags of a version',
      new TagResourceCommand({ Resource: `${arnOf('made')}:1`, Tags: { a: 'b' } }),
      'Tags on function aliases and versions are not supported. Please specify a function ARN.',
      recorded,
    ),
    malformed(
      'tags of a bucket',
      new ListTagsCommand({ Resource: 'arn:aws:s3:::made' }),
      violation('resource', inPattern),
    ),
    notFound(
      'tags of an unknown function',
      new ListTagsCommand({ Resource: arnOf('none') }),
      `Function not found: ${arnOf('none')}`,
      recorded,
    ),
  ];
}
