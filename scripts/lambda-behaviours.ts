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
const failing = 'test/lambda-failing-functions.test.ts';
const command = 'test/lambda-aws-command.test.ts';
const asynchronous = 'src/events/asynchronous.test.ts';
const concurrency = 'test/lambda/concurrency.test.ts';
const limits = 'test/e2e/limits.test.ts';
const queue = 'src/events/queue.test.ts';
const invoker = 'src/invoke/open-invoker.test.ts';
const wrong = 'test/harness/wrong-requests/around-functions.ts';

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
      note: 'queues, functions and (failures) buckets; topics and event buses are refused until they are there',
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
      what: 'Kinesis, DynamoDB streams, Kafka, MQ, DocumentDB',
      page: 'invocation-eventsourcemapping.html',
      note: 'checked as Lambda does, then refused by name until the services are there',
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
      what: 'Powertools: logger, metrics, tracer, batch, idempotency, parameters',
      page: 'best-practices.html',
      test: ['test/e2e/powertools.test.ts', 'writes one structured line for each record'],
      note: 'stores that need DynamoDB, SSM, Secrets Manager or AppConfig wait for them',
    },
    {
      what: 'Freezing between invocations',
      page: 'lambda-runtime-environment.html',
      note: 'environments are not frozen: timers left behind go on',
    },
    {
      what: 'X-Ray segments of the service itself',
      page: 'services-xray.html',
      note: 'the header is passed on; nothing is recorded',
    },
    { what: 'VPC, file systems, container images', page: 'configuration-vpc.html', note: 'refused by name' },
  ],
};
