/**
 * Calls of operations from inside the platform: no wire, no signature, but the same permissions, checks and code as a call
 * that came in. https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-universal.html
 */
import type { ServiceAction, ServiceCall, ServiceCalls } from '../events/service-calls.ts';
import type { Principal } from '../identity/principal.ts';
import { PlatformError } from '../util/errors.ts';
import { isObject } from '../util/field.ts';
import type { HttpRequest } from '../util/http.ts';
import type { AuditedCall } from './audited-call.ts';
import type { Authorization } from './authorization.ts';
import { needsDisk } from './needs-disk.ts';
import { decodeJsonStructure } from './protocol/json-codec.ts';
import type { Input } from './protocol/protocol.ts';
import { RequestBody } from './protocol/request-body.ts';
import { linkModel, type Model, type Operation, type Shape, type StructureShape } from './protocol/shape.ts';
import type { AwsContext, AwsService, OperationEntry } from './service.ts';

/** What can be called, and who may. */
export type Served = {
  services: readonly AwsService[];
  authorization: Authorization;
  /** Who calls with a role. Throws `permission_denied` where the scheduler may not assume it. */
  assume: (call: Pick<ServiceCall, 'account' | 'roleArn' | 'sourceArn' | 'id'>) => Principal;
  /** Told of every call once it is over, and waited for; absent: nobody is. */
  audit?: ((call: AuditedCall) => Promise<void>) | undefined;
};

export type ServiceCallsParts = {
  /** Undefined: not yet, for what is due may be taken up before everything is wired. */
  served: () => Served | undefined;
  region: string;
  /** Base URL of the API, for answers that contain addresses. */
  endpoint: () => string;
  /** Throws `unavailable` where nothing new can be kept. */
  requireRoom: () => void;
  /** An error that nobody expected: a bug of ours, to be logged. */
  onError: (error: unknown, where: { service: string; operation: string; requestId: string }) => void;
};

/** What reads alone is of no use to a schedule: AWS's own list of how such operations begin (same page). */
const readOnly =
  /^(get|describe|list|poll|receive|search|scan|query|select|read|lookup|discover|validate|batchGet|batchDescribe|batchRead|transactGet|adminGet|adminList|testMigration|retrieve|testConnection|translateDocument|isAuthorized|invokeModel)/i;

/** Deeper inputs are refused by what decodes them. */
const depthMax = 128;

type Found = { service: AwsService; model: Model; operation: Operation; entry: OperationEntry };

export function createServiceCalls(parts: ServiceCallsParts): ServiceCalls {
  /** Linked when one of its operations is first named. */
  const models = new WeakMap<AwsService, Model>();

  function modelOf(service: AwsService): Model {
    const model = models.get(service) ?? linkModel(service.model);
    models.set(service, model);
    return model;
  }

  function find({ service: name, action }: ServiceAction): Found | string {
    const { services } = served();
    const service = services.find(({ model }) => nameOf(model) === name);
    if (service === undefined)
      return `${name} is not a supported service for a target. Supported are: ${services.map(({ model }) => nameOf(model)).join(', ')}.`;
    if (readOnly.test(action)) return `${action} of ${name} is not supported for a target: it only reads.`;
    const model = modelOf(service);
    const operation = [...model.operations.values()].find((one) => isSame(one.name, action));
    if (operation === undefined) return `${action} is not an API action of ${name}.`;
    const entry = service.operations[operation.name];
    if (entry === undefined || entry === 'not built')
      return `${action} of ${name} is not available here: it is not built.`;
    if (operation.output.members.some(({ traits }) => traits.streaming === true))
      return `${action} of ${name} is not supported for a target: its answer is a stream.`;
    return { service, model, operation, entry };
  }

  function served(): Served {
    const wired = parts.served();
    if (wired === undefined) throw new PlatformError('unavailable', 'the platform is starting');
    return wired;
  }

  async function run({ service, operation, entry }: Found, input: Input, context: AwsContext): Promise<void> {
    const { authorization, audit } = served();
    const { request, requestId, principal } = context;
    // The operation's own input type is what the model decodes, as in dispatch.ts.
    const accesses = await entry.access(context, input as never);
    const over = (error: PlatformError | undefined): Promise<void> | undefined =>
      audit?.({
        request,
        requestId,
        service: service.name,
        operation: operation.name,
        principal,
        owner: context.account,
        accesses,
        input,
        error,
      });
    try {
      authorization(principal, accesses, {});
      if (needsDisk(operation.name)) parts.requireRoom();
      await entry.run(context, input as never);
    } catch (error) {
      const expected = error instanceof PlatformError ? error : unexpected(error, service, operation, requestId);
      await over(expected);
      throw expected;
    }
    await over(undefined);
  }

  function unexpected(error: unknown, { name }: AwsService, operation: Operation, requestId: string): PlatformError {
    parts.onError(error, { service: name, operation: operation.name, requestId });
    return new PlatformError('unavailable', 'We encountered an internal error. Please try again.');
  }

  return {
    refusal(action) {
      const found = find(action);
      return typeof found === 'string' ? found : undefined;
    },

    mayAssume(role) {
      try {
        served().assume({ ...role, id: '' });
        return true;
      } catch (error) {
        if (error instanceof PlatformError && error.code === 'permission_denied') return false;
        throw error;
      }
    },

    async call(call) {
      const found = find(call);
      if (typeof found === 'string') throw new PlatformError('invalid_argument', found);
      const { model, operation } = found;
      const { input, body } = inputOf(call, operation, model);
      const request = requestOf(body);
      const payload = new RequestBody(request);
      const streamed = operation.input.members.find(({ traits }) => traits.streaming === true);
      if (streamed !== undefined) input[streamed.name] = payload.stream();
      const { account, id: requestId, cause } = call;
      const principal = served().assume(call);
      await run(found, input, {
        account: found.service.ownerOf?.(principal, operation.name, input) ?? account,
        region: parts.region,
        principal,
        requestId,
        cause,
        request,
        endpoint: parts.endpoint(),
        payload: payload.payload,
      });
    },
  };
}

/** As SDKs say it in such ARNs: `secretsmanager`. */
const nameOf = ({ serviceId }: { serviceId: string }): string => serviceId.toLowerCase().replaceAll(/[ -]/g, '');

/** SDKs write the same names with other capitals (`stopDBInstance`, `DbInstanceIdentifier`). */
const isSame = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

/** `body`: the bytes that stream in, where the operation takes a stream. */
function inputOf(call: ServiceCall, operation: Operation, model: Model): { input: Input; body: Uint8Array } {
  const given = asModelled(operation.input, parsed(call.input), 0);
  const streamed = operation.input.members.find(({ traits }) => traits.streaming === true);
  const body = streamed && isObject(given) ? given[streamed.name] : undefined;
  const options = { usesJsonName: false, isQueryCompatible: model.queryCompatible };
  return {
    input: decodeJsonStructure(operation.input, given, '', options),
    body: body instanceof Uint8Array ? body : new Uint8Array(),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new PlatformError('invalid_argument', 'The input is not JSON.', { reason: 'ValidationException', cause });
  }
}

/** Members by the model's names; text where the model has bytes is their UTF-8, which is what a person writes. */
function asModelled(shape: Shape, value: unknown, depth: number): unknown {
  if (depth > depthMax) return value;
  if (shape.type === 'blob') return typeof value === 'string' ? Buffer.from(value) : value;
  if (shape.type === 'list' && Array.isArray(value))
    return value.map((item) => asModelled(shape.member.shape, item, depth + 1));
  if (shape.type === 'map' && isObject(value))
    return fromEntries(value, (key, item) => [key, asModelled(shape.value.shape, item, depth + 1)]);
  if (shape.type === 'structure' && isObject(value)) {
    return fromEntries(value, (key, item) => {
      const member = memberOf(shape, key);
      return [member?.name ?? key, member === undefined ? item : asModelled(member.shape, item, depth + 1)];
    });
  }
  return value;
}

const fromEntries = (
  value: Readonly<Record<string, unknown>>,
  entry: (key: string, item: unknown) => [string, unknown],
): Record<string, unknown> => Object.fromEntries(Object.entries(value).map(([key, item]) => entry(key, item)));

const memberOf = (shape: StructureShape, name: string): StructureShape['members'][number] | undefined =>
  shape.byName.get(name) ?? shape.members.find((member) => isSame(member.name, name));

/** As services that call others are shown; nothing came over a wire, and nobody could go away. */
const caller = 'scheduler.amazonaws.com';

const requestOf = (body: Uint8Array): HttpRequest => ({
  method: 'POST',
  target: '/',
  path: '/',
  query: '',
  headers: { 'content-length': String(body.length), 'user-agent': caller },
  rawHeaders: [],
  body: (async function* () {
    if (body.length > 0) yield await Promise.resolve(body);
  })(),
  remoteAddress: caller,
  signal: new AbortController().signal,
  sendContinue() {},
});
