/**
 * What Lambda's documentation says of an invocation, and the test that shows it here. A behaviour without a test counts
 * as a gap, whatever the code does.
 */
export type Behaviour = {
  what: string;
  /** Of https://docs.aws.amazon.com/lambda/latest/dg/ */
  page: string;
  /** The file, and the test's title or the beginning of it. */
  test?: readonly [file: string, title: string];
  /** Where it differs; without a test: what is missing. */
  note?: string;
};

const invoke = 'test/lambda/invoke.test.ts';
const urls = 'test/lambda/function-urls.test.ts';
const failing = 'test/lambda-failing-functions.test.ts';
const command = 'test/lambda-aws-command.test.ts';
const asynchronous = 'src/events/asynchronous.test.ts';
const concurrency = 'test/lambda/concurrency.test.ts';
const limits = 'test/e2e/limits.test.ts';
const queue = 'src/events/queue.test.ts';
const invoker = 'src/invoke/open-invoker.test.ts';
const wrong = 'test/harness/wrong-requests/running-functions.ts';

const destinations = 'test/lambda/asynchronous.test.ts';
const inside = 'test/lambda/from-inside.test.ts';
const mappings = 'test/lambda/event-source-mappings.test.ts';
const tableMappings = 'test/lambda/table-mappings.test.ts';
const tables = 'src/events/table.test.ts';
const tableFailures = 'src/events/table-failures.test.ts';
const tableOrder = 'src/events/table-order.test.ts';
const tableWindows = 'src/events/table-windows.test.ts';
const extensions = 'src/sandbox/process/extensions/extensions.test.ts';
const failures = 'test/harness/failing-functions.ts';
const runtimes = 'src/sandbox/process/runtimes';

export const behaviours: Readonly<Record<string, readonly Behaviour[]>> = {
  Synchronous: [
    {
      what: 'Status 200, executed version, request id; the function’s own error as payload with FunctionError',
      page: 'invocation-sync.html',
      test: [invoke, 'a synchronous one answers with the status'],
    },
    {
      what: 'LogType Tail: the last 4 KB of the log',
      page: 'invocation-sync.html',
      test: [invoke, 'the tail of the log is its last 4 KB'],
    },
    {
      what: 'Qualifiers: versions, aliases, in the name, the ARN or beside it',
      page: 'configuration-versions.html',
      test: [invoke, 'versions and aliases are called by qualifier'],
    },
    { what: 'Weighted aliases', page: 'configuring-alias-routing.html', test: [command, 'an alias sends a tenth'] },
    {
      what: 'Moving an alias under load fails no call',
      page: 'configuration-aliases.html',
      test: [command, 'it moves on and is rolled back under load'],
    },
    {
      what: 'ClientContext reaches the handler',
      page: 'nodejs-context.html',
      test: [invoke, 'a client context reaches the handler'],
    },
    { what: 'DryRun runs nothing', page: 'invocation-sync.html', test: [invoke, 'a dry run runs nothing'] },
    {
      what: '6 MB in, 6 MB out',
      page: 'gettingstarted-limits.html',
      test: [limits, 'an event has 6 MB and not a byte more'],
    },
    {
      what: 'Events that are not JSON are refused',
      page: 'troubleshooting-invocation.html',
      test: [wrong, 'an event that is not JSON'],
    },
    {
      what: 'Throttling: 429 with Reason and Retry-After',
      page: 'lambda-concurrency.html',
      test: [invoke, 'a function that may not run is throttled with the reason'],
    },
    {
      what: 'Functions call functions with their own permissions, in one trace',
      page: 'lambda-permissions.html',
      test: [inside, 'a function may call what it is permitted to'],
    },
  ],
  Streamed: [
    {
      what: 'awslambda.streamifyResponse and InvokeWithResponseStream: pieces as they are written',
      page: 'configuration-response-streaming.html',
      test: [invoke, 'a streamed answer comes in the pieces in which it is written'],
    },
    {
      what: 'An error half-way is told at the end (InvokeComplete)',
      page: 'config-rs-invoke-furls.html',
      test: [invoke, 'what goes wrong half-way is told at the end'],
    },
    {
      what: 'Whole answers can be streamed, streams can be asked whole',
      page: 'config-rs-write-functions.html',
      test: [invoke, 'a handler that answers whole can be streamed'],
    },
    {
      what: 'A slow reader holds the writer back',
      page: 'config-rs-write-functions.html',
      test: [
        'src/sandbox/process/runtimes/node/response-stream.test.ts',
        'a reader that takes nothing stops the writer',
      ],
    },
    {
      what: 'Custom runtimes stream through the Runtime API',
      page: 'runtimes-custom.html',
      test: [
        'src/sandbox/process/runtimes/provided/provided-runtime.test.ts',
        'a bootstrap in shell writes its answer bit by bit',
      ],
    },
    {
      what: 'Function URLs with RESPONSE_STREAM',
      page: 'config-rs-invoke-furls.html',
      test: [invoke, 'a URL streams where it is asked to'],
    },
    {
      what: 'At most 2 MB/s after the first 6 MB',
      page: 'configuration-response-streaming.html',
      note: 'not limited here: the reader’s own speed is',
    },
    {
      what: 'A reader that goes away leaves the function to write to its end',
      page: 'config-rs-invoke-furls.html',
      test: ['test/lambda/streaming.test.ts', 'a reader that goes away leaves the function to write to its end'],
    },
  ],
  Asynchronous: [
    {
      what: '202 once the event is durable; it runs with the id that was answered',
      page: 'invocation-async.html',
      test: [invoke, 'an event is run later, with its id'],
    },
    {
      what: 'Two retries, after one and two minutes (dev: seconds)',
      page: 'invocation-async-error-handling.html',
      test: [asynchronous, 'an event that succeeds at the second attempt is done'],
    },
    {
      what: 'Retries and age by version, alias or $LATEST (PutFunctionEventInvokeConfig)',
      page: 'invocation-async-configuring.html',
      test: [asynchronous, 'an event that would be too old by its next attempt is given up'],
    },
    {
      what: 'Throttled events wait, and use up no attempt',
      page: 'invocation-async-error-handling.html',
      test: [asynchronous, 'being throttled uses up no attempt'],
    },
    {
      what: 'Destinations on success and failure, with Lambda’s record',
      page: 'invocation-async-retain-records.html',
      test: [asynchronous, 'a failure is told to another function'],
      note: 'queues, topics, functions, event buses and (failures) buckets',
    },
    {
      what: 'Dead-letter queue',
      page: 'invocation-async-retain-records.html',
      test: [asynchronous, 'and the dead-letter queue has the event besides'],
      note: 'a queue; a topic is refused',
    },
    {
      what: 'Nothing accepted is lost, whenever the platform dies',
      page: 'invocation-async.html',
      test: ['src/events/asynchronous-crash.test.ts', 'every accepted event is settled or dead'],
    },
    {
      what: '1 MB an event',
      page: 'gettingstarted-limits.html',
      test: [limits, 'an event for later has 1 MB and not a byte more'],
    },
    {
      what: 'A function that feeds itself is stopped after 16 rounds, unless it is allowed to',
      page: 'invocation-recursion.html',
      test: [invoker, 'a function that has caused itself sixteen times is stopped'],
    },
    {
      what: 'A failure told to a function, and its own failure to a bucket',
      page: 'invocation-async-retain-records.html',
      test: [destinations, 'a failure is told to another function, and its own failure to a bucket'],
    },
  ],
  'Event sources': [
    {
      what: 'Queues are polled in batches; what succeeded is deleted',
      page: 'services-sqs-configure.html',
      test: [queue, 'messages are given in batches'],
    },
    {
      what: 'batchItemFailures: only the messages named come back',
      page: 'services-sqs-errorhandling.html',
      test: [queue, 'only the messages that the answer names come back'],
    },
    { what: 'Batching window', page: 'services-sqs-configure.html', test: [queue, 'a window waits for more messages'] },
    {
      what: 'Filters',
      page: 'invocation-eventfiltering.html',
      test: [queue, 'only what a filter wants is given to the function'],
    },
    {
      what: 'DynamoDB streams: position, batch, parallel lanes, an order for each item',
      page: 'with-ddb.html',
      test: [tableOrder, 'ten items written to 500 times each'],
    },
    {
      what: 'Of streams: halves, retries, destination for failures',
      page: 'services-dynamodb-errors.html',
      test: [tableFailures, 'a poisoned record is found by halves'],
    },
    {
      what: 'Of streams: partial batches',
      page: 'services-ddb-batchfailurereporting.html',
      test: [tableFailures, 'it goes on at the lowest record that the function reports'],
    },
    {
      what: 'Of streams: age of records',
      page: 'services-ddb-params.html',
      test: [tableFailures, 'a failing item holds up its lane alone, and what is older'],
    },
    {
      what: 'Of streams: tumbling windows',
      page: 'services-ddb-windows.html',
      test: [tableWindows, 'time windows hand their state on, end once'],
    },
    {
      what: 'Of streams: filters',
      page: 'with-ddb-filtering.html',
      test: [tables, 'records that the filters do not want are passed over'],
    },
    {
      what: 'Of streams: mappings run, pause, change and go; the function’s role must let them',
      page: 'services-dynamodb-eventsourcemapping.html',
      test: [tableMappings, 'a function whose role may not read a stream'],
    },
    {
      what: 'Kinesis, Kafka, MQ, DocumentDB',
      page: 'invocation-eventsourcemapping.html',
      note: 'checked as Lambda does, then refused by name until the services are there',
    },
    {
      what: 'Mappings run, pause, change and go',
      page: 'invocation-eventsourcemapping.html',
      test: [mappings, 'a mapping runs, is found and listed, pauses, changes, and is gone when deleted'],
    },
  ],
  Concurrency: [
    {
      what: 'Reserved: set aside, and the limit; 0 stops the function',
      page: 'configuration-concurrency.html',
      test: [concurrency, 'a reservation is kept, stops the function at 0'],
    },
    {
      what: 'At least 100 stay unreserved',
      page: 'configuration-concurrency.html',
      test: [concurrency, '900 of 1,000 can be reserved in all'],
    },
    {
      what: 'Provisioned: initialised before the first call, used first, there again after a crash',
      page: 'provisioned-concurrency.html',
      test: [concurrency, 'provisioned environments are initialised before the first call'],
    },
    {
      what: '1,000 at once in the account',
      page: 'gettingstarted-limits.html',
      test: [limits, 'an account has 1,000 invocations at once'],
    },
    {
      what: 'Scaling by at most 1,000 environments every 10 seconds',
      page: 'scaling-behavior.html',
      note: 'not limited so: the machine’s processors are the bound',
    },
  ],
  'Who may call': [
    {
      what: 'A function URL without authorisation needs both permissions for everybody',
      page: 'urls-auth.html',
      test: [urls, 'an open URL is closed until the resource policy allows both actions to everybody'],
    },
    {
      what: 'AWS_IAM: Signature Version 4, and the caller in requestContext.authorizer.iam',
      page: 'urls-auth.html',
      test: [urls, 'a URL with AWS_IAM wants a signature'],
    },
    {
      what: 'CORS: preflight requests answered, headers added',
      page: 'urls-configuration.html',
      test: [urls, 'browsers are answered by the configuration'],
    },
    {
      what: 'Resource policies of a function, its versions and aliases, with conditions',
      page: 'access-control-resource-based.html',
      test: ['src/identity/resource-policy.test.ts', 'a source is an ARN by its parts, and an account'],
    },
    {
      what: 'A resource policy gives what the caller’s own permissions do not',
      page: 'access-control-resource-based.html',
      test: ['test/lambda/from-inside.test.ts', 'unless the other one’s resource policy lets it'],
    },
    {
      what: 'S3 needs permission before a bucket notifies a function',
      page: 'with-s3.html',
      test: [urls, 'a bucket tells a function what happens only once the function lets it'],
    },
    {
      what: 'Functions of other accounts, where their policies and one’s own let one',
      page: 'permissions-function-cross-account.html',
      test: ['test/e2e/accounts.test.ts', 'another account’s things are out of reach until both sides allow it'],
    },
  ],
  Environment: [
    {
      what: 'One invocation at a time; environments are used again',
      page: 'lambda-runtime-environment.html',
      test: [
        'src/sandbox/process/runtimes/node/node-runtime.test.ts',
        'what one invocation leaves behind does not answer the next',
      ],
    },
    {
      what: 'Time-out: Sandbox.Timedout, and the environment ends',
      page: 'configuration-timeout.html',
      test: ['test/harness/failing-functions.ts', 'a loop without end'],
    },
    {
      what: 'Exit, signal, out of memory: Runtime.ExitError and its like',
      page: 'troubleshooting-execution.html',
      test: ['test/harness/failing-functions.ts', 'SIGSEGV'],
    },
    {
      what: 'Errors of a start: ImportModuleError, HandlerNotFound, UserCodeSyntaxError …',
      page: 'troubleshooting-execution.html',
      test: [failing, 'a start that ends in'],
    },
    {
      what: 'Layers at /opt, later ones over earlier ones',
      page: 'chapter-layers.html',
      test: ['test/e2e/layers.test.ts', 'a Node.js function requires and imports what two layers bring'],
    },
    {
      what: 'Packages in layers: nodejs/, python/ (also by import), programs in bin/, a runtime of the layer’s own',
      page: 'packaging-layers.html',
      test: ['src/sandbox/process/runtimes/layers.test.ts', 'programs in bin/ are on the PATH'],
    },
    {
      what: 'A function keeps a layer that is deleted',
      page: 'chapter-layers.html',
      test: ['test/e2e/layers.test.ts', 'a function keeps a deleted version'],
    },
    {
      what: '/tmp of 512 to 10,240 MB, enforced',
      page: 'configuration-ephemeral-storage.html',
      test: ['test/e2e/isolation-bombs.test.ts', 'filling the disk ends at its own limit'],
    },
    {
      what: '1,024 open files',
      page: 'gettingstarted-limits.html',
      test: [limits, 'an environment has 1,024 open files'],
    },
    {
      what: 'Variables: 4 KB, reserved names refused',
      page: 'configuration-envvars.html',
      test: [limits, 'environment variables have 4 KB together'],
    },
    {
      what: 'Variables under a customer managed key',
      page: 'configuration-envvars-encryption.html',
      test: [
        'test/lambda/environment-key.test.ts',
        'a function starts with its variables where its role may decrypt them, and is refused by name where not',
      ],
    },
    {
      what: 'Powertools: logger, metrics, tracer, batch, idempotency, parameters',
      page: 'best-practices.html',
      test: ['test/e2e/powertools.test.ts', 'writes one structured line for each record'],
      note: 'stores that need DynamoDB, SSM, Secrets Manager or AppConfig wait for them',
    },
    {
      what: 'Freezing between invocations',
      page: 'lambda-runtime-environment.html',
      test: [
        'src/sandbox/process/environment/idle-freezer.test.ts',
        'function leaves running stands still between two invocations',
      ],
      note: '100 to 200 ms after the last answer',
    },
    {
      what: 'X-Ray segments of the service itself',
      page: 'services-xray.html',
      note: 'the header is passed on; nothing is recorded',
    },
    { what: 'VPC, file systems, container images', page: 'configuration-vpc.html', note: 'refused by name' },
    {
      what: 'A start longer than 10 s goes on within the first invocation, and ends at the function’s time-out',
      page: 'lambda-runtime-environment.html',
      test: [failures, 'a start without end'],
      note: 'a start has the function’s time-out, 10 s at least, in one piece: it is not begun anew after 10 s',
    },
    {
      what: 'Extensions, internal and external: register, next, exit, shutdown',
      page: 'runtimes-extensions-api.html',
      test: [extensions, 'registers before the code is loaded, is told of each call, and of the end'],
    },
    {
      what: 'The environment is free once all extensions are; the caller has its answer before',
      page: 'runtimes-extensions-api.html',
      test: [extensions, 'the caller has its answer while an extension still works'],
    },
    {
      what: 'Telemetry API',
      page: 'telemetry-api.html',
      test: ['src/sandbox/process/extensions/telemetry.test.ts', 'what happens comes over'],
    },
    {
      what: 'Logs in JSON, with levels',
      page: 'monitoring-cloudwatchlogs-logformat.html',
      test: [`${runtimes}/logging.test.ts`, 'what is less grave than the level is left out'],
    },
    {
      what: 'Runtime API for custom runtimes',
      page: 'runtimes-api.html',
      test: [`${runtimes}/provided/runtime-api.test.ts`, 'next waits, and brings the event with all its headers'],
    },
    {
      what: 'The official runtime interface client of Node.js as a custom runtime',
      page: 'images-create.html',
      test: [`${runtimes}/provided/interface-clients.test.ts`, 'answers event after event, with all of the context'],
    },
    {
      what: 'Handlers in Ruby',
      page: 'ruby-handler.html',
      test: [
        `${runtimes}/ruby/ruby-runtime.test.ts`,
        'a handler that is not there is told by the invocation, as on Lambda',
      ],
    },
    {
      what: 'Handlers in Java',
      page: 'java-handler.html',
      test: [`${runtimes}/java/java-runtime.test.ts`, 'each invocation says'],
    },
    {
      what: 'Runtime management: automatic, with the next update, by hand',
      page: 'runtimes-update.html',
      test: ['test/lambda/runtime-management.test.ts', 'a function has a version of its runtime'],
    },
  ],
  'Function URLs': [
    {
      what: 'URLs of aliases',
      page: 'urls-configuration.html',
      test: [urls, 'an alias has an address and a policy of its own'],
    },
    {
      what: 'Payload format 2.0',
      page: 'urls-invocation.html',
      test: ['src/gateway/http-event.test.ts', 'the events have the shape of recorded ones, field by field'],
    },
  ],
};
