/**
 * The AWS entrance: one handler for every service on the one API port.
 *
 * A request: which service and protocol → who asks → which operation, with which input → may they → run → encode. An
 * error at any step goes out in that service's own format; what nobody expected is reported and answered as ours.
 * The services themselves are folders of aws/; this file knows none of them.
 */
import { hash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Authenticate } from '../identity/authenticate.ts';
import type { ConditionContext } from '../identity/policy-document.ts';
import type { FormSignature } from '../identity/form-signature.ts';
import type { Principal } from '../identity/principal.ts';
import { timeKeys } from '../identity/standing.ts';
import { type Cause, continuedCause, newCause } from '../util/cause.ts';
import type { Clock } from '../util/clock.ts';
import { PlatformError } from '../util/errors.ts';
import { retryAfter, type HttpHandler, type HttpRequest, type HttpResponse } from '../util/http.ts';
import type { AccountId, EnvironmentId, Ids } from '../util/ids.ts';
import { failureOf } from './protocol/failure.ts';
import type { Call, Input, WireBody, WireRequest } from './protocol/protocol.ts';
import { parseQueryParameters } from './protocol/query-parameters.ts';
import { RequestBody } from './protocol/request-body.ts';
import { bucketInHost } from './protocol/s3.ts';
import type { Operation } from './protocol/shape.ts';
import { createAuthorization, type AuthorizationParts } from './authorization.ts';
import type { AuditedCall } from './audited-call.ts';
import { createChooser, type Spoken } from './choose-service.ts';
import { isDataCall } from './data-calls.ts';
import { needsDisk } from './needs-disk.ts';
import type { Access, AwsContext, AwsService, OperationEntry } from './service.ts';

export type AwsHandlerOptions = AuthorizationParts & {
  services: readonly AwsService[];
  authenticate: Authenticate;
  /** The cause of what the invocation running in an environment brings about; undefined: none is running. */
  causeOf: (environment: EnvironmentId) => Cause | undefined;
  /** Throws `unavailable` where nothing new can be kept; absent: there is always room. */
  requireRoom?: () => void;
  /** Told of every call once it is over, and waited for; absent: nobody is. */
  audit?: (call: AuditedCall) => Promise<void>;
  clock: Clock;
  ids: Ids;
  region: string;
  /** An error that nobody expected: a bug of ours, to be logged. The caller learns only the request id. */
  onError: (error: unknown, where: { service: string; operation: string | undefined; requestId: string }) => void;
};

/** Others have their turn between reading, judging and doing what a request says that is longer: 60,000 attributes of an item take a tenth of a second each time. */
const turnBytesMax = 256 * 1024;

/** How far a call has come: what is known of it if it goes no further. */
type Progress = Pick<AuditedCall, 'operation' | 'principal' | 'owner' | 'accesses' | 'input'>;

export function createAwsHandler(options: AwsHandlerOptions): HttpHandler {
  const choose = createChooser(options.services);
  const authorization = createAuthorization(options);

  return async (request) => {
    const { spoken, body } = await chosen(request);
    const call: Call = { requestId: newRequestId(spoken), method: request.method, resource: request.path };
    const progress: Progress = {
      operation: undefined,
      principal: undefined,
      owner: undefined,
      accesses: [],
      input: {},
    };
    const over = (error: PlatformError | undefined): Promise<void> | undefined =>
      options.audit?.({ ...progress, request, requestId: call.requestId, service: spoken.name, error });
    try {
      const form = await spoken.readForm?.(request);
      if (form === undefined) {
        const response = await serve(request, spoken, body, call, progress);
        // Not even asked on the way of each object and message.
        if (!isDataCall(spoken.name, progress.operation ?? '')) await over(undefined);
        return response;
      }
      const file = new RequestBody(form.request);
      if (form.bytesMax !== undefined) file.expectAtMost(form.bytesMax);
      return form.answer(await serve(form.request, spoken, () => file, call, progress, form.signature));
    } catch (error) {
      const failure = expected(error, spoken, call, progress);
      await over(failure);
      const response = spoken.protocol.encodeError(failureOf(failure, spoken.model, spoken.family), call);
      if (failure.retryAfterMs === undefined || failure.code !== 'unavailable') return response;
      return { ...response, headers: { ...response.headers, ...retryAfter(failure.retryAfterMs) } };
    }
  };

  async function chosen(request: HttpRequest): Promise<{ spoken: Spoken; body: () => RequestBody }> {
    // Made on first use, so that what is wrong with the body's headers is answered in the service's own format.
    let made: RequestBody | undefined;
    const body = (): RequestBody => (made ??= new RequestBody(request));
    return { spoken: await choose(request, () => body().bytes()), body };
  }

  async function serve(
    request: HttpRequest,
    spoken: Spoken,
    body: () => RequestBody,
    call: Call,
    progress: Progress,
    form?: FormSignature,
  ): Promise<HttpResponse> {
    const plain: WireRequest = {
      method: request.method,
      path: request.path,
      query: parseQueryParameters(request.query),
      headers: request.headers,
      labels: {},
    };
    const wire = spoken.protocol.address(plain, request.headers['host'] ?? '');
    await limitDocument(spoken, wire, body);
    const {
      principal: authenticated,
      chunkSigning,
      conditions,
    } = await options.authenticate(request, {
      signingNames: spoken.signingNames,
      region: options.region,
      style: spoken.family === 's3' ? 's3' : 'other',
      bucketInHost: spoken.family === 's3' ? bucketInHost(request.headers['host'] ?? '') : undefined,
      bodyHash: async () => hash('sha256', await body().bytes()),
      isOpen: await isOpen(request, spoken, wire, body),
      form,
    });
    const principal = asHolder(authenticated);
    progress.principal = principal;
    body().verifyChunks(chunkSigning);

    const operation = await locate(spoken, wire, body());
    progress.operation = operation.name;
    if (!operation.hasBodyChecksum) body().ignoreChecksums();
    const entry = entryOf(spoken, operation);

    const input = await spoken.protocol.decode(operation, wire, body());
    progress.input = input;
    await turnAfter(request);
    const account = spoken.ownerOf?.(principal, operation.name, input) ?? principal.account;
    progress.owner = account;
    const context = contextOf(request, principal, account, call, body());
    progress.accesses = await accessesOf(entry, context, input);
    authorization(principal, progress.accesses, { ...conditionsOf(request), ...conditions });
    if (needsDisk(operation.name)) options.requireRoom?.();
    await turnAfter(request);
    const output = await run(entry, context, input);
    const response = spoken.protocol.encode(operation, output, call);
    if (entry.headers === undefined) return response;
    return { ...response, headers: { ...response.headers, ...entry.headers(context, output) } };
  }

  /** A function that was given a role is a session of that role. */
  function asHolder(principal: Principal): Principal {
    return principal.kind === 'function' ? options.standingOf(principal).asker.principal : principal;
  }

  /** What conditions may ask of any request. `aws:SecureTransport` is not known of addresses of this machine. */
  function conditionsOf({ remoteAddress, headers }: HttpRequest): ConditionContext {
    return {
      'aws:sourceip': remoteAddress,
      'aws:useragent': headers['user-agent'],
      'aws:referer': headers['referer'],
      'aws:requestedregion': options.region,
      ...timeKeys(options.clock.now()),
    };
  }

  function contextOf(
    request: HttpRequest,
    principal: Principal,
    account: AccountId,
    call: Call,
    body: RequestBody,
  ): AwsContext {
    const running = request.environmentId === undefined ? undefined : options.causeOf(request.environmentId);
    return {
      account,
      region: options.region,
      principal,
      requestId: call.requestId,
      cause:
        running ??
        continuedCause(request.headers['x-amzn-trace-id']) ??
        newCause(options.clock.now(), options.ids.hex(12)),
      request,
      endpoint: `http://${request.headers['host'] ?? 'localhost'}`,
      payload: body.payload,
    };
  }

  /** S3's are 16 upper-case hex digits, everybody else's are UUIDs. */
  function newRequestId(spoken: Spoken): string {
    return spoken.family === 's3' ? options.ids.hex(8).toUpperCase() : options.ids.uuid();
  }

  function expected(error: unknown, spoken: Spoken, call: Call, progress: Progress): PlatformError {
    if (error instanceof PlatformError && error.code !== 'internal') return error;
    options.onError(error, { service: spoken.name, operation: progress.operation, requestId: call.requestId });
    return new PlatformError('internal', 'We encountered an internal error. Please try again.');
  }
}

/** Of one whose length is not said it may be anything. */
async function turnAfter({ headers }: HttpRequest): Promise<void> {
  const isLong = Number(headers['content-length'] ?? 0) > turnBytesMax || headers['transfer-encoding'] !== undefined;
  if (isLong) await nextTurn();
}

/** Before who asks is known, since a signature may be of the body, which is read for that. */
async function limitDocument(spoken: Spoken, wire: WireRequest, body: () => RequestBody): Promise<void> {
  if (spoken.documentLimit === undefined) return;
  const ofAny = spoken.documentLimit(undefined);
  if (ofAny !== undefined) {
    body().limitDocument(ofAny);
    return;
  }
  const located = await spoken.protocol.locate(wire, body());
  const limit = 'operation' in located ? spoken.documentLimit(located.operation.name) : undefined;
  if (limit !== undefined) body().limitDocument(limit);
}

/** Whether it names an operation that is served without a signature; looked at only where there is none. */
async function isOpen(
  request: HttpRequest,
  spoken: Spoken,
  wire: WireRequest,
  body: () => RequestBody,
): Promise<boolean> {
  if (request.headers['authorization'] !== undefined) return false;
  const openNames = Object.entries(spoken.operations).flatMap(([name, entry]) =>
    typeof entry === 'object' && entry.isOpen === true ? [name] : [],
  );
  if (openNames.length === 0) return false;
  const located = await spoken.protocol.locate(wire, body());
  return 'operation' in located && openNames.includes(located.operation.name);
}

async function locate(spoken: Spoken, wire: WireRequest, body: WireBody): Promise<Operation> {
  const located = await spoken.protocol.locate(wire, body);
  if ('operation' in located) return located.operation;
  if (!spoken.isBuilt) throw new PlatformError('not_implemented', `The service '${spoken.name}' is not built.`);
  if (spoken.family === 's3') {
    throw new PlatformError('invalid_argument', 'The specified method is not allowed against this resource.', {
      reason: 'MethodNotAllowed',
      facts: {
        Method: wire.method,
        ResourceType: wire.labels['Bucket'] === undefined ? 'SERVICE' : wire.path === '/' ? 'BUCKET' : 'OBJECT',
      },
    });
  }
  const message =
    located.unknown === ''
      ? `The request names no operation of the service '${spoken.name}' (X-Amz-Target, Action or the path does).`
      : `The service '${spoken.name}' has no operation '${located.unknown}'.`;
  throw new PlatformError('not_found', message, { reason: 'UnknownOperation' });
}

function entryOf(spoken: Spoken, operation: Operation): OperationEntry {
  const entry = spoken.operations[operation.name];
  if (entry === undefined || entry === 'not built')
    throw new PlatformError('not_implemented', `${spoken.name} ${operation.name} is not built.`);
  return entry;
}

/** The operation's own input type is what the model decodes: here the two meet, and nowhere else. */
async function accessesOf(entry: OperationEntry, context: AwsContext, input: Input): Promise<readonly Access[]> {
  return entry.access(context, input as never);
}

async function run(
  entry: OperationEntry,
  context: AwsContext,
  input: Input,
): Promise<Readonly<Record<string, unknown>>> {
  return (await entry.run(context, input as never)) as Readonly<Record<string, unknown>>;
}
