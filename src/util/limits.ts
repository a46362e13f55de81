/**
 * The limits that more than one folder needs, each with its unit and its reason. A limit that only one file needs is
 * a constant in that file.
 */
const mib = 1024 * 1024;

export const limits = {
  /** Lambda's synchronous payload limit, request and response each. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
  syncPayloadBytesMax: 6 * mib,
  /** What Lambda really accepts as an answer, and names in its error. */
  answerBytesMax: 6 * mib + 100,
  /** Lambda's limit of a streamed answer. https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html */
  streamedPayloadBytesMax: 200 * mib,
  /** Lambda's asynchronous payload limit (same page as for synchronous ones). */
  asyncPayloadBytesMax: 1 * mib,
  /** Lambda's memory range in MB (same page). */
  memoryMbMin: 128,
  memoryMbMax: 10_240,
  /** Lambda's longest time-out (same page). */
  timeoutMsMax: 900_000,
  /** Memory at which a function has one whole CPU. https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
  memoryMbPerCpu: 1_769,
  /** All environment variables together. */
  environmentBytesMax: 4 * 1024,
  /** /tmp, MB. */
  ephemeralMbMin: 512,
  ephemeralMbMax: 10_240,
  /** Layers of one function. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
  layersMax: 5,
  /** Unzipped bundle. */
  bundleBytesMax: 250 * mib,
  /** Files in one bundle: twice the largest dependency tree that fits the size. */
  bundleFilesMax: 50_000,
  /** Attempts of one asynchronous event in all. Lambda allows three; more are of use with dead-letter queues of one's own. */
  attemptsMax: 100,
  /** Concurrent environments of one account. https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html */
  accountConcurrencyMax: 1_000,
  /** Of those, what reservations leave to the functions that have none (same page). */
  unreservedConcurrencyMin: 100,
  /** Invocations that one environment runs at the same time: as many as Cloud Run allows. https://docs.cloud.google.com/run/docs/about-concurrency */
  concurrencyPerEnvironmentMax: 1_000,
  /** How often one function may appear in the chain of causes of an event before it is stopped. https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html */
  recursionHopsMax: 16,
} as const;
