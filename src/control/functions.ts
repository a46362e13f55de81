import type { Binding } from '../registry/binding.ts';
import { liveAlias, type FunctionRecord } from '../registry/function.ts';
import { PlatformError } from '../util/errors.ts';
import type { AccountId } from '../util/ids.ts';
import { addresses } from './addresses.ts';
import { describeSource } from './describe-source.ts';
import { earlierInvocationsMax } from './earlier-invocations.ts';
import { jsonResponse, parameter, type Call, type ControlContext, type Endpoint } from './endpoint.ts';
import type { FunctionView } from './views.ts';

/** Functions of which each is looked up in its log; of more, the last calls of their account are. */
const lookedUpMax = 100;
/** Dead letters shown at once. */
const deadLettersMax = 100;

/** Errors: `not_found`, naming what there is. */
export const functionOf = (context: ControlContext, call: Call): FunctionRecord =>
  functionNamed(context, call, parameter(call, 'name'));

/** Errors: `not_found`, naming what there is, with this field. */
export function functionNamed(context: ControlContext, call: Call, name: string, field = 'name'): FunctionRecord {
  const record = context.registry.get(call.account, name);
  if (record !== undefined) return record;
  const names = context.registry.list(call.account).map((other) => other.name);
  const others =
    names.length === 0
      ? 'none is deployed'
      : `deployed: ${names.slice(0, 20).join(', ')}${names.length > 20 ? ', …' : ''}`;
  throw new PlatformError('not_found', `there is no function '${name}'; ${others}`, { field });
}

/** When a function was called last, as far as that is known. */
type LastCall = (record: FunctionRecord) => Promise<number | undefined>;

/** Also before the platform was started. `count`: functions that are asked for. */
function lastCalls({ recent, earlier }: ControlContext, count: number): LastCall {
  const lastOfAccount = async (account: AccountId, name: string): Promise<number | undefined> => {
    const calls = await earlier.list(account, undefined, earlierInvocationsMax);
    return calls.find(({ functionName }) => functionName === name)?.timeMs;
  };
  return async ({ account, name, arn, createdMs }) => {
    const sinceStart = recent.lastMs(arn);
    if (sinceStart !== undefined) return sinceStart;
    const last = count > lookedUpMax ? await lastOfAccount(account, name) : await earlier.lastMs(account, name);
    // Before that another one had its name.
    return last !== undefined && last >= createdMs ? last : undefined;
  };
}

/** `bindings`: the function's. */
async function viewOf(
  context: ControlContext,
  record: FunctionRecord,
  bindings: readonly Binding[],
  lastCall: LastCall,
): Promise<FunctionView> {
  const { account, name, arn, application, aliases, latest, versionLast, extras } = record;
  const version = aliases[liveAlias]?.version ?? latest.version;
  const { settings } = (await context.registry.version(account, name, version)) ?? latest;
  const urlIds = Object.values(extras.urls).map(({ urlId }) => urlId);
  const sources = bindings.map(({ source }) => source);
  return {
    name,
    arn,
    application,
    runtime: settings.runtime,
    handler: settings.handler,
    memoryMb: settings.memoryMb,
    timeoutMs: settings.timeoutMs,
    version,
    versions: versionLast,
    codeBytes: context.registry.bundleBytes(settings.bundle),
    urls: addresses(context, urlIds, sources),
    sources: [...sources.map(describeSource), ...(urlIds.length === 0 ? [] : ['url'])],
    environments: context.environments(account, name),
    deadLetters: await context.deadLetters.count(account, name),
    lastInvokedMs: await lastCall(record),
  };
}

export const listFunctions: Endpoint = async (context, call) => {
  const bindings = Map.groupBy(context.bindings.list(call.account), ({ functionName }) => functionName);
  const records = context.registry.list(call.account);
  const lastCall = lastCalls(context, records.length);
  const views = records.map((record) => viewOf(context, record, bindings.get(record.name) ?? [], lastCall));
  return jsonResponse({ functions: await Promise.all(views) });
};

const bindingsOf = (context: ControlContext, { account, name }: FunctionRecord): Binding[] =>
  context.bindings.list(account).filter(({ functionName }) => functionName === name);

export const getFunction: Endpoint = async (context, call) => {
  const record = functionOf(context, call);
  const live = record.aliases[liveAlias]?.version;
  const versions = await context.registry.versions(record.account, record.name);
  const history = versions
    .map(({ version, createdMs }) => ({ version, createdMs, live: version === live }))
    .toReversed();
  const view = await viewOf(context, record, bindingsOf(context, record), lastCalls(context, 1));
  return jsonResponse({ ...view, history });
};

/** Its event sources go first: nothing may call what is being removed. */
export const deleteFunction: Endpoint = async (context, call) => {
  const record = functionOf(context, call);
  const { account, name } = record;
  for (const { id } of bindingsOf(context, record)) await context.bindings.delete(account, id);
  await context.registry.delete(account, name);
  return jsonResponse({});
};

export const rollbackFunction: Endpoint = async (context, call) => {
  const { account, name, aliases } = functionOf(context, call);
  if (!Object.hasOwn(aliases, liveAlias)) {
    throw new PlatformError(
      'conflict',
      `function '${name}' was made through Lambda's API and has no alias '${liveAlias}', which deployments move; of its own aliases: aws lambda update-alias`,
      { field: 'name' },
    );
  }
  return jsonResponse(await context.registry.rollback(account, name, liveAlias));
};

export const listDeadLetters: Endpoint = async (context, call) => {
  const { account, name } = functionOf(context, call);
  return jsonResponse({ messages: await context.deadLetters.list(account, name, deadLettersMax) });
};
