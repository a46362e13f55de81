/** What a deployment would change, and how: everything is read and checked here, nothing is written. */
import type { Change, DeployedFunction, DeployedTable, Deployment } from '../manifest/deployment.ts';
import type { Binding, BindingSource } from '../registry/binding.ts';
import { liveAlias } from '../registry/function.ts';
import { routeIdentity, routeOf } from '../registry/route-path.ts';
import { settingsHash } from '../registry/settings.ts';
import { parseArn } from '../util/arn.ts';
import { never } from '../util/assert.ts';
import { PlatformError } from '../util/errors.ts';
import { derivedUuid, type AccountId, type VersionId } from '../util/ids.ts';
import { addresses } from './addresses.ts';
import type { ControlBuses, ControlTopics, Removal } from './control-parts.ts';
import { deployFunction } from './deploy-function.ts';
import { describeSource } from './describe-source.ts';
import type { ControlContext } from './endpoint.ts';
import { ownersBeside, readOwned, type Owned, type OwnedKind, type OwnerOf } from './owned.ts';

export type Step = {
  change: Change;
  /** Absent: nothing to do. Answers the change as it came out, where that can differ from what was foreseen. */
  run?: () => Promise<Change | undefined>;
};

export type Decision = {
  /** One after the other; the steps of one phase in any order. */
  phases: readonly (readonly Step[])[];
  /** What the application may own while they are done, and what it owns afterwards. */
  during: Owned;
  after: Owned;
};

/** What tells two sources of one function apart; the rest of a source is settings that can change. */
function sourceIdentity(source: BindingSource): string {
  switch (source.kind) {
    case 'http':
      return routeIdentity(source.method, source.path) ?? `${source.method} ${source.path}`;
    case 'webhook':
    case 'cloudevent':
      return routeIdentity('POST', source.path) ?? source.path;
    case 'queue':
      return source.queue;
    case 'table':
      return source.table;
    case 'topic':
      return source.topic;
    case 'email':
      return source.address.toLowerCase();
    case 'bucket':
    case 'bus':
    case 'schedule':
      return JSON.stringify(source);
    default:
      return never(source);
  }
}

const bindingId = (account: AccountId, functionName: string, source: BindingSource): string =>
  derivedUuid('binding', account, functionName, source.kind, sourceIdentity(source));

const routeKinds = ['http', 'webhook', 'cloudevent'] as const;

/** What is told of a table's changes that were given up is the account's own. */
function refuseForeignDestination(account: AccountId, name: string, source: BindingSource): void {
  const owner = source.kind === 'table' ? parseArn(source.onFailure ?? '')?.account : undefined;
  if (owner === undefined || owner === '' || owner === account) return;
  throw new PlatformError(
    'invalid_argument',
    `function '${name}': the destination of what is given up belongs to account ${owner}; one of account ${account} is accepted`,
    { field: `functions.${name}` },
  );
}

/** Refused before anything is done: what belongs to another application, and code that is not here. */
async function refuseConflicts(context: ControlContext, account: AccountId, deployment: Deployment): Promise<void> {
  const { application, functions } = deployment;
  const routes = new Map<string, Binding>();
  // Routes are what all accounts have together.
  for (const binding of routeKinds.flatMap((kind): readonly Binding[] => context.bindings.ofKind(kind))) {
    if (binding.account !== account || binding.application !== application)
      routes.set(sourceIdentity(binding.source), binding);
  }
  for (const { name, settings, sources } of functions) {
    for (const source of sources) refuseForeignDestination(account, name, source);
    const present = context.registry.get(account, name);
    if (present?.application !== undefined && present.application !== application) {
      throw new PlatformError(
        'already_exists',
        `function '${name}' of application '${application}' cannot be deployed: application '${present.application}' has a function of that name; choose another name`,
        { field: `functions.${name}` },
      );
    }
    const taken = sources
      .map((source) => routes.get(routeOf(source) === undefined ? '' : sourceIdentity(source)))
      .find((binding) => binding !== undefined);
    if (taken !== undefined) {
      throw new PlatformError(
        'already_exists',
        `${describeSource(taken.source)} of function '${name}' (application '${application}') is taken by ${holderOf(taken, account)}`,
        { field: `functions.${name}.sources` },
      );
    }
    const missing = await context.missingRuntime(settings.runtime);
    if (missing !== undefined) {
      const there = (await context.runtimes()).filter((runtime) => runtime.missing === undefined);
      throw new PlatformError(
        'invalid_argument',
        `function '${name}' asks for the runtime ${settings.runtime}, which is not here: ${missing}; this machine has ${there.map((runtime) => runtime.name).join(', ')}`,
        { field: `functions.${name}.settings.runtime` },
      );
    }
    if (!(await context.registry.hasBundle(settings.bundle))) {
      throw new PlatformError(
        'not_found',
        `the code of function '${name}' (bundle ${settings.bundle}) is not here; upload it first`,
        {
          field: `functions.${name}.settings.bundle`,
        },
      );
    }
  }
}

/** Of another account nobody learns more than that it has it. */
function holderOf({ account: owner, functionName, application }: Binding, account: AccountId): string {
  if (owner !== account) return 'another account';
  const of = application === undefined ? 'which no application owns' : `of application '${application}'`;
  return `function '${functionName}' ${of}`;
}

const kilobytes = (bytes: number | undefined): string =>
  bytes === undefined ? '' : `, ${(bytes / 1000).toFixed(1)} kB`;

async function functionStep(
  context: ControlContext,
  account: AccountId,
  application: string,
  wanted: DeployedFunction,
): Promise<Step> {
  const { name, settings, url, sources, provisioned = 0 } = wanted;
  const { registry } = context;
  const present = registry.get(account, name);
  const live = present?.aliases[liveAlias];
  const hash = settingsHash(settings);
  const lastNumber = registry.versionLast(account, name);
  const last = await registry.version(account, name, String(lastNumber) as VersionId);
  // Publishing gives the last version again when nothing has changed since.
  const to = (last?.settingsHash === hash ? last.version : String(lastNumber + 1)) as VersionId;
  const isSame =
    live?.version === to &&
    Object.keys(live.weights).length === 0 &&
    present?.latest.settingsHash === hash &&
    present.application === application &&
    (present.extras.urls[liveAlias] !== undefined) === url &&
    (present.extras.provisioned[liveAlias]?.count ?? 0) === provisioned;

  const size = kilobytes(context.registry.bundleBytes(settings.bundle));
  const moved = live === undefined || live.version === to ? `version ${to}` : `version ${live.version} → ${to}`;
  const change = (): Change => {
    const own = url ? registry.get(account, name)?.extras.urls[liveAlias] : undefined;
    const urls = addresses(context, own === undefined ? [] : [own.urlId], sources);
    return {
      what: 'function',
      name,
      action: present === undefined ? 'created' : isSame ? 'unchanged' : 'updated',
      detail: isSame ? moved : `${moved}${size}`,
      ...(urls.length === 0 ? {} : { urls }),
    };
  };
  if (isSame) return { change: change() };
  return {
    change: change(),
    run: async () => {
      await deployFunction(context, account, application, wanted);
      return change();
    },
  };
}

function sourceSteps(
  context: ControlContext,
  account: AccountId,
  deployment: Deployment,
): { added: Step[]; removed: Step[] } {
  const { application } = deployment;
  const owned = new Map(
    context.bindings
      .list(account)
      .flatMap((binding) => (binding.application === application ? [[binding.id, binding] as const] : [])),
  );
  const added = deployment.functions.flatMap(({ name, sources }) =>
    sources.map((source): Step => {
      const id = bindingId(account, name, source);
      const present = owned.get(id);
      owned.delete(id);
      const isSame = present?.qualifier === liveAlias && JSON.stringify(present.source) === JSON.stringify(source);
      const action = present === undefined ? 'created' : isSame ? 'unchanged' : 'updated';
      const change: Change = { what: 'source', name, action, detail: describeSource(source) };
      if (isSame) return { change };
      const createdMs = present?.createdMs ?? context.clock.now();
      const binding: Binding = {
        id,
        account,
        functionName: name,
        qualifier: liveAlias,
        application,
        createdMs,
        source,
      };
      return { change, run: () => context.bindings.put(binding).then(() => undefined) };
    }),
  );
  const removed = [...owned.values()].map((binding): Step => ({
    change: { what: 'source', name: binding.functionName, action: 'removed', detail: describeSource(binding.source) },
    run: () => context.bindings.delete(account, binding.id).then(() => undefined),
  }));
  return { added, removed };
}

async function bucketStep(
  context: ControlContext,
  account: AccountId,
  name: string,
  owner: string | undefined,
): Promise<Step> {
  const exists = await context.buckets.exists(account, name);
  const detail = owner === undefined ? '' : `belongs to application '${owner}'`;
  if (exists) return { change: { what: 'bucket', name, action: 'unchanged', detail } };
  return {
    change: { what: 'bucket', name, action: 'created', detail: '' },
    run: () => context.buckets.create(account, name).then(() => undefined),
  };
}

function queueStep(
  context: ControlContext,
  account: AccountId,
  deployment: Deployment,
  queue: Deployment['queues'][number],
  owner: string | undefined,
): Step {
  const { name } = queue;
  if (owner !== undefined) {
    return {
      change: {
        what: 'queue',
        name,
        action: 'unchanged',
        detail: `belongs to application '${owner}', which says how it is set`,
      },
    };
  }
  const action = context.queues.wouldPut(account, queue);
  const { visibilityMs, redrive } = queue;
  const onwards = redrive === undefined ? '' : `, after ${redrive.receivesMax} receives to ${redrive.deadLetterQueue}`;
  const change: Change = { what: 'queue', name, action, detail: `visibility ${visibilityMs / 1000} s${onwards}` };
  if (action === 'unchanged') return { change };
  return { change, run: () => context.queues.put(account, queue, deployment.application).then(() => undefined) };
}

/** Of what has a name alone. */
function namedStep(
  { what, name, application, owner }: { what: 'topic' | 'bus'; name: string; application: string; owner?: string },
  engine: ControlTopics | ControlBuses,
  account: AccountId,
): Step {
  const detail = owner === undefined ? '' : `belongs to application '${owner}'`;
  if (engine.exists(account, name)) return { change: { what, name, action: 'unchanged', detail } };
  return {
    change: { what, name, action: 'created', detail: '' },
    run: () => engine.create(account, name, application).then(() => undefined),
  };
}

function tableStep(
  context: ControlContext,
  account: AccountId,
  application: string,
  table: DeployedTable,
  owner: string | undefined,
): Step {
  const { name } = table;
  if (owner !== undefined) {
    const detail = `belongs to application '${owner}', which says how it is set`;
    return { change: { what: 'table', name, action: 'unchanged', detail } };
  }
  const action = context.tables.wouldPut(account, table);
  const { key, indexes } = table;
  const named = [key.partition, ...(key.sort === undefined ? [] : [key.sort])].map((attribute) => attribute.name);
  const more = indexes.length === 0 ? '' : `, ${indexes.length} index${indexes.length === 1 ? '' : 'es'}`;
  const change: Change = { what: 'table', name, action, detail: `key ${named.join(', ')}${more}` };
  if (action === 'unchanged') return { change };
  return {
    change,
    run: () => context.tables.put(account, table, application, context.clock.now()).then(() => undefined),
  };
}

const holding = { bucket: 'objects', queue: 'messages', topic: 'subscriptions', bus: 'rules', table: 'items' } as const;

function removalStep(what: keyof typeof holding, name: string, remove: () => Promise<Removal>): Step {
  const change: Change = { what, name, action: 'removed', detail: '' };
  return {
    change,
    run: async () => {
      const removal = await remove();
      switch (removal) {
        case 'removed':
        case 'absent':
          return change;
        case 'holds_something':
          return {
            what,
            name,
            action: 'unchanged',
            detail: `left the application but stays: it holds ${holding[what]}`,
          };
        default:
          return never(removal);
      }
    },
  };
}

/** Resources of this kind that the application owns afterwards: those it had, and those that it makes now. */
function kept(
  what: OwnedKind,
  before: Owned,
  wanted: readonly { name: string }[],
  steps: readonly Step[],
  ownerOf: OwnerOf,
): string[] {
  const created = new Set(steps.filter(({ change }) => change.action === 'created').map(({ change }) => change.name));
  return wanted
    .map(({ name }) => name)
    .filter((name) => ownerOf(what, name) === undefined && (before[what].includes(name) || created.has(name)));
}

export async function decide(context: ControlContext, account: AccountId, deployment: Deployment): Promise<Decision> {
  await refuseConflicts(context, account, deployment);
  const { application } = deployment;
  const before = await readOwned(context, account, application);
  const ownerOf = await ownersBeside(context, account, application);

  const buckets = await Promise.all(
    deployment.buckets.map(({ name }) => bucketStep(context, account, name, ownerOf('buckets', name))),
  );
  const queues = deployment.queues.map((queue) =>
    queueStep(context, account, deployment, queue, ownerOf('queues', queue.name)),
  );
  const { topics: topicsWanted = [], buses: busesWanted = [] } = deployment;
  const named = (what: 'topic' | 'bus', kind: 'topics' | 'buses', name: string): Step => {
    const owner = ownerOf(kind, name);
    return namedStep({ what, name, application, ...(owner !== undefined && { owner }) }, context[kind], account);
  };
  const topics = topicsWanted.map(({ name }) => named('topic', 'topics', name));
  const buses = busesWanted.map(({ name }) => named('bus', 'buses', name));
  const { tables: tablesWanted = [] } = deployment;
  const tables = tablesWanted.map((table) =>
    tableStep(context, account, application, table, ownerOf('tables', table.name)),
  );
  const functions = await Promise.all(
    deployment.functions.map((wanted) => functionStep(context, account, application, wanted)),
  );
  const sources = sourceSteps(context, account, deployment);
  const wanted = new Set(deployment.functions.map(({ name }) => name));
  const functionsGone = context.registry
    .list(account)
    .filter((record) => record.application === application && !wanted.has(record.name))
    .map(({ name, versionLast }): Step => ({
      change: {
        what: 'function',
        name,
        action: 'removed',
        detail: `with ${versionLast} version${versionLast === 1 ? '' : 's'}`,
      },
      run: () => context.registry.delete(account, name).then(() => undefined),
    }));

  const after: Owned = {
    application,
    buckets: kept('buckets', before, deployment.buckets, buckets, ownerOf),
    queues: kept('queues', before, deployment.queues, queues, ownerOf),
    topics: kept('topics', before, topicsWanted, topics, ownerOf),
    buses: kept('buses', before, busesWanted, buses, ownerOf),
    tables: kept('tables', before, tablesWanted, tables, ownerOf),
  };
  const gone = (what: OwnedKind): string[] =>
    before[what].filter(
      (name) => !(deployment[what] ?? []).some((one) => one.name === name) && ownerOf(what, name) === undefined,
    );
  const queuesGone = gone('queues').map((name) =>
    removalStep('queue', name, () => context.queues.remove(account, name)),
  );
  const topicsGone = gone('topics').map((name) =>
    removalStep('topic', name, () => context.topics.remove(account, name)),
  );
  const busesGone = gone('buses').map((name) => removalStep('bus', name, () => context.buses.remove(account, name)));
  const tablesGone = gone('tables').map((name) =>
    removalStep('table', name, () => context.tables.remove(account, name)),
  );
  const bucketsGone = gone('buckets').map((name) =>
    removalStep('bucket', name, () => context.buckets.remove(account, name)),
  );

  return {
    phases: [
      [...buckets, ...queues, ...topics, ...buses, ...tables],
      functions,
      sources.added,
      sources.removed,
      functionsGone,
      [...queuesGone, ...topicsGone, ...busesGone, ...tablesGone, ...bucketsGone],
    ],
    during: {
      application,
      buckets: [...new Set([...before.buckets, ...after.buckets])],
      queues: [...new Set([...before.queues, ...after.queues])],
      topics: [...new Set([...before.topics, ...after.topics])],
      buses: [...new Set([...before.buses, ...after.buses])],
      tables: [...new Set([...before.tables, ...after.tables])],
    },
    after,
  };
}
