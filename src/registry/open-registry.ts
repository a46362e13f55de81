import { isDeepStrictEqual } from 'node:util';
import type { Blobs } from '../store/blobs.ts';
import { scan, type Operation, type Records } from '../store/records.ts';
import { assert } from '../util/assert.ts';
import type { Clock } from '../util/clock.ts';
import { PlatformError } from '../util/errors.ts';
import { functionArn, latestVersion, type AccountId, type BundleHash, type Ids, type VersionId } from '../util/ids.ts';
import { createInTurn } from '../util/in-turn.ts';
import { limits } from '../util/limits.ts';
import type { LimitProfileName } from '../util/limit-profiles.ts';
import type { Sealer } from '../util/sealer.ts';
import { Bundles } from './bundles.ts';
import {
  liveAlias,
  noExtras,
  publicUrlStatements,
  type Alias,
  type FunctionExtras,
  type FunctionRecord,
  type FunctionSettings,
  type FunctionUrl,
  type FunctionVersion,
} from './function.ts';
import { openMergedLayers } from './merged-layers.ts';
import { pickVersion } from './pick-version.ts';
import type { Registry, Resolved } from './registry.ts';
import { checkFunctionName, isBundleHash, parseFunctionSettings, settingsHash } from './settings.ts';
import { storedFunctions } from './stored-function.ts';

export type RegistryOptions = {
  records: Records;
  blobs: Blobs;
  /** Where bundles are unpacked (below `bundles/`). */
  folder: string;
  region: string;
  clock: Clock;
  ids: Ids;
  /** Of functions that name none; absent: Lambda's. */
  limitProfile?: LimitProfileName;
  /** For what functions have in their environment variables. */
  sealer: Sealer;
};

/** Rollbacks that an alias can go back. */
const historyMax = 20;
/** Somebody else changed the record meanwhile: so often we look again before we say so. */
const retriesMax = 5;

const functionsPrefix = 'function/';
const versionsPrefix = 'version/';
/** What is left of a deleted function: its numbers are never given again, as Lambda's are not. */
const lastPrefix = 'function-last/';
const functionKey = (account: AccountId, name: string): string => `${functionsPrefix}${account}/${name}`;
/** Padded, so that the store's order is the numbers'. */
const versionKey = (account: AccountId, name: string, version: VersionId): string =>
  `${versionsPrefix}${account}/${name}/${version.padStart(10, '0')}`;

/** A function as held in memory. Replaced as a whole by every change, so that readers see one state or the other. */
type Held = {
  record: FunctionRecord;
  revision: number;
  aliases: ReadonlyMap<string, { alias: Alias; isWeighted: boolean }>;
  versions: ReadonlyMap<VersionId, FunctionVersion>;
  /** Made when first asked for. */
  resolved: Map<VersionId, Resolved>;
};

/** What a change makes of a function. `answer` is given once it is on disk. */
type Change<T> = {
  record?: FunctionRecord;
  version?: FunctionVersion;
  deleted?: VersionId;
  answer: T;
};

const nameKey = (account: AccountId, name: string): string => `${account}/${name}`;

export type OpenRegistry = Registry & {
  /** Size of the zip; undefined: no such bundle. */
  bundleBytes(hash: BundleHash): number | undefined;
  /** The zip as it came; undefined: no such bundle. */
  bundleZip(hash: BundleHash): Promise<{ bytes: number; body: AsyncIterable<Uint8Array> } | undefined>;
  /**
   * Removes code and merged layers that no function has, nor `others` (of layers, of environments that run, by path), and
   * that nobody has asked for in the last ten minutes; how many folders.
   */
  collectUnused(others: { bundles: ReadonlySet<BundleHash>; paths: ReadonlySet<string> }): Promise<number>;
  /** What it unzips to; undefined: no such bundle. */
  unzippedBytes(hash: BundleHash): number | undefined;
};

/** Loads everything; answers when every bundle that a function needs lies unpacked. */
export async function openRegistry(options: RegistryOptions): Promise<OpenRegistry> {
  const { records, region, clock, ids } = options;
  const bundles = await Bundles.open(options);
  const { folder } = bundles;
  const mergedLayers = await openMergedLayers({ folder, pathOf: (hash) => bundles.pathOf(hash), clock, ids });
  const stored = storedFunctions(options.sealer);
  const functions = new Map<AccountId, Map<string, Held>>();
  /** Of deleted functions. */
  const lastNumbers = new Map<string, number>();
  const urlIds = new Map<string, { held: Held; qualifier: string }>();
  const watchers = new Set<(account: AccountId, name: string) => void>();
  /** Changes to one function wait for each other. */
  const inTurn = createInTurn();

  const heldOf = (account: AccountId, name: string): Held | undefined => functions.get(account)?.get(name);

  function forgetUrls(held: Held | undefined): void {
    for (const { urlId } of Object.values(held?.record.extras.urls ?? {})) urlIds.delete(urlId);
  }

  function hold(record: FunctionRecord, revision: number, versions: ReadonlyMap<VersionId, FunctionVersion>): void {
    const before = heldOf(record.account, record.name);
    forgetUrls(before);
    const aliases = new Map(
      Object.values(record.aliases).map((alias) => [
        alias.name,
        { alias, isWeighted: Object.keys(alias.weights).length > 0 },
      ]),
    );
    const held: Held = { record, revision, aliases, versions, resolved: new Map() };
    let ofAccount = functions.get(record.account);
    if (ofAccount === undefined) functions.set(record.account, (ofAccount = new Map()));
    ofAccount.set(record.name, held);
    for (const [qualifier, { urlId }] of Object.entries(record.extras.urls)) urlIds.set(urlId, { held, qualifier });
  }

  function drop(account: AccountId, name: string): void {
    forgetUrls(heldOf(account, name));
    functions.get(account)?.delete(name);
  }

  async function load(): Promise<void> {
    const versions = new Map<string, Map<VersionId, FunctionVersion>>();
    const unsealed = new Set<string>();
    for await (const { value } of scan(records, versionsPrefix)) {
      const { value: version, isSealed } = stored.readVersion(value);
      const key = nameKey(version.account, version.name);
      if (!isSealed) unsealed.add(key);
      let ofFunction = versions.get(key);
      if (ofFunction === undefined) versions.set(key, (ofFunction = new Map()));
      ofFunction.set(version.version, version);
    }
    for await (const { value, revision } of scan(records, functionsPrefix)) {
      const { value: record, isSealed } = stored.readRecord(value);
      const key = nameKey(record.account, record.name);
      const numbered = versions.get(key) ?? new Map<VersionId, FunctionVersion>();
      hold(record, isSealed && !unsealed.has(key) ? revision : await sealAll(record, revision, numbered), numbered);
    }
    for await (const { key, value } of scan(records, lastPrefix)) {
      lastNumbers.set(key.slice(lastPrefix.length), (value as { versionLast: number }).versionLast);
    }
    const needed = [...functions.values()].flatMap((ofAccount) =>
      [...ofAccount.values()].flatMap(({ record, versions: numbered }) => [
        ...codeOf(record.latest),
        ...[...numbered.values()].flatMap(codeOf),
      ]),
    );
    await bundles.ensureAll(needed);
    for (const ofAccount of functions.values()) {
      for (const { record, versions: numbered } of ofAccount.values()) {
        for (const { settings } of [record.latest, ...numbered.values()])
          await mergedLayers.ensure(settings.layers ?? []);
      }
    }
  }

  /** What was written before variables were sealed, or with an older key. Answers the record's new revision. */
  async function sealAll(
    record: FunctionRecord,
    revision: number,
    versions: ReadonlyMap<VersionId, FunctionVersion>,
  ): Promise<number> {
    const key = functionKey(record.account, record.name);
    const committed = await records.transact([
      { kind: 'check', key, revision },
      { kind: 'put', key, value: stored.writeRecord(record) },
      ...[...versions.values()].map((version) => putVersion(version)),
    ]);
    assert(committed.status === 'committed', 'nobody else writes while the registry is loaded');
    return committed.revision;
  }

  const putVersion = (version: FunctionVersion): Operation => ({
    kind: 'put',
    key: versionKey(version.account, version.name, version.version),
    value: stored.writeVersion(version),
  });

  /** Another process may have written the record: take it as it is now. */
  async function reload(account: AccountId, name: string): Promise<void> {
    const entry = await records.get(functionKey(account, name));
    if (entry === undefined) return drop(account, name);
    const versions = new Map<VersionId, FunctionVersion>();
    for await (const { value } of scan(records, `${versionsPrefix}${account}/${name}/`)) {
      const { value: version } = stored.readVersion(value);
      versions.set(version.version, version);
    }
    hold(stored.readRecord(entry.value).value, entry.revision, versions);
  }

  const changed = (account: AccountId, name: string): void => {
    for (const watcher of watchers) watcher(account, name);
  };

  /** `decide` is called with the present state, again if that has changed under it; what it answers is written in one step. */
  function change<T>(account: AccountId, name: string, decide: (held: Held | undefined) => Change<T>): Promise<T> {
    return inTurn(nameKey(account, name), async () => {
      for (let attempt = 0; attempt < retriesMax; attempt++) {
        const held = heldOf(account, name);
        const { record, version, deleted, answer } = decide(held);
        if (record === undefined) return answer;
        const key = functionKey(account, name);
        const operations: Operation[] = [
          { kind: 'check', key, revision: held?.revision ?? 0 },
          { kind: 'put', key, value: stored.writeRecord(record) },
        ];
        if (version !== undefined) operations.push(putVersion(version));
        if (deleted !== undefined) operations.push({ kind: 'delete', key: versionKey(account, name, deleted) });
        const committed = await records.transact(operations);
        if (committed.status === 'committed') {
          const versions = new Map(held?.versions);
          if (version !== undefined) versions.set(version.version, version);
          if (deleted !== undefined) versions.delete(deleted);
          hold(record, committed.revision, versions);
          changed(account, name);
          return answer;
        }
        await reload(account, name);
      }
      throw new PlatformError('conflict', `function '${name}' keeps being changed by somebody else; try again`);
    });
  }

  /** What the code and its layers unzip to, all together. */
  function checkUnzippedSize({ bundle, layers = [] }: FunctionSettings): void {
    if (layers.length === 0) return;
    const bytes = [bundle, ...layers.map((layer) => layer.bundle)].reduce(
      (sum, hash) => sum + (bundles.info(hash)?.bytes ?? 0),
      0,
    );
    if (bytes <= limits.bundleBytesMax) return;
    throw new PlatformError(
      'too_large',
      `the code and its layers unzip to ${bytes} bytes; accepted: ${limits.bundleBytesMax} together`,
      { field: 'layers' },
    );
  }

  const unknown = (name: string): PlatformError => new PlatformError('not_found', `there is no function '${name}'`);

  function existing(held: Held | undefined, name: string): Held {
    if (held === undefined) throw unknown(name);
    return held;
  }

  function checkVersion(held: Held, version: VersionId, field: string): void {
    if (version !== latestVersion && !held.versions.has(version)) {
      throw new PlatformError('not_found', `function '${held.record.name}' has no version ${version}`, { field });
    }
  }

  function checkWeights(held: Held, alias: string, weights: Record<VersionId, number>): void {
    let sum = 0;
    for (const [version, share] of Object.entries(weights)) {
      const field = `weights.${version}`;
      checkVersion(held, version as VersionId, field);
      if (!(share >= 0 && share <= 1)) {
        throw new PlatformError(
          'invalid_argument',
          `${field} of alias '${alias}' is ${share}; accepted: a share from 0 to 1`,
          { field },
        );
      }
      sum += share;
    }
    if (sum > 1) {
      throw new PlatformError(
        'invalid_argument',
        `the weights of alias '${alias}' make ${sum}; accepted: at most 1 in all`,
        {
          field: 'weights',
        },
      );
    }
  }

  const withAlias = (record: FunctionRecord, alias: Alias): FunctionRecord =>
    Object.freeze({ ...record, ...changeMarks(), aliases: { ...record.aliases, [alias.name]: alias } });

  /** The alias, $LATEST or numbered version of this name, under another revision. */
  function revision(
    { record, aliases, versions }: Held,
    qualifier: string,
  ): { aliases?: FunctionRecord['aliases']; latest?: FunctionVersion; version?: FunctionVersion } {
    const revisionId = ids.uuid();
    const alias = aliases.get(qualifier)?.alias;
    if (alias !== undefined) return { aliases: { ...record.aliases, [qualifier]: { ...alias, revisionId } } };
    if (qualifier === latestVersion) return { latest: Object.freeze({ ...record.latest, revisionId }) };
    const version = versions.get(qualifier as VersionId);
    return version === undefined ? {} : { version: Object.freeze({ ...version, revisionId }) };
  }

  const revisionOf = ({ record, aliases, versions }: Held, qualifier: string): string | undefined =>
    qualifier === latestVersion
      ? record.latest.revisionId
      : (aliases.get(qualifier)?.alias ?? versions.get(qualifier as VersionId))?.revisionId;

  const changeMarks = (): Pick<FunctionRecord, 'revisionId' | 'modifiedMs'> => ({
    revisionId: ids.uuid(),
    modifiedMs: clock.now(),
  });

  await load();

  return {
    get: (account, name) => heldOf(account, name)?.record,

    list: (account) =>
      [...(functions.get(account)?.values() ?? [])]
        .map(({ record }) => record)
        .toSorted((a, b) => (a.name < b.name ? -1 : 1)),

    all: () => [...functions.values()].flatMap((ofAccount) => [...ofAccount.values()].map(({ record }) => record)),

    byUrlId(urlId) {
      const found = urlIds.get(urlId);
      const url = found?.held.record.extras.urls[found.qualifier];
      return found === undefined || url === undefined
        ? undefined
        : { function: found.held.record, qualifier: found.qualifier, url };
    },

    resolve(account, name, qualifier, requestId) {
      const held = functions.get(account)?.get(name);
      if (held === undefined) return undefined;
      let id = (qualifier ?? latestVersion) as VersionId;
      const named = held.aliases.get(id);
      if (named !== undefined) id = named.isWeighted ? pickVersion(named.alias, requestId) : named.alias.version;
      const found = held.resolved.get(id);
      if (found !== undefined) return found;
      const version = id === latestVersion ? held.record.latest : held.versions.get(id);
      if (version === undefined) return undefined;
      const layersPath = mergedLayers.pathOf(version.settings.layers ?? []);
      const resolved: Resolved = Object.freeze({
        version,
        function: held.record,
        bundlePath: bundles.pathOf(version.settings.bundle),
        ...(layersPath === undefined ? {} : { layersPath }),
      });
      held.resolved.set(id, resolved);
      return resolved;
    },

    async put(account, name, given, { application, url, tags, check }) {
      checkFunctionName(name, 'name');
      const settings = parseFunctionSettings(given, '', options.limitProfile);
      await bundles.ensure(settings.bundle);
      for (const layer of settings.layers ?? []) await bundles.ensure(layer.bundle);
      checkUnzippedSize(settings);
      await mergedLayers.ensure(settings.layers ?? []);
      const hash = settingsHash(settings);
      return change(account, name, (held) => {
        const before = held?.record;
        check?.(before);
        const owner = application ?? before?.application;
        const nowMs = clock.now();
        const deployed = withDeployedUrl(before?.extras ?? noExtras, url, { ids, nowMs });
        const extras = { ...deployed, ...(tags === undefined ? {} : { tags }) };
        const hasSameSettings = before?.latest.settingsHash === hash;
        if (
          before !== undefined &&
          hasSameSettings &&
          before.application === owner &&
          isDeepStrictEqual(before.extras, extras)
        )
          return { answer: before };
        const arn = functionArn(region, account, name);
        const latest: FunctionVersion =
          before !== undefined && hasSameSettings
            ? before.latest
            : Object.freeze({
                account,
                name,
                arn,
                version: latestVersion,
                settingsHash: hash,
                createdMs: nowMs,
                revisionId: ids.uuid(),
                settings,
              });
        const record: FunctionRecord = Object.freeze({
          account,
          name,
          arn,
          ...(owner === undefined ? {} : { application: owner }),
          createdMs: before?.createdMs ?? nowMs,
          latest,
          versionLast: before?.versionLast ?? lastNumbers.get(nameKey(account, name)) ?? 0,
          aliases: before?.aliases ?? {},
          ...changeMarks(),
          extras,
        });
        return { record, answer: record };
      });
    },

    edit: (account, name, edit, { revises } = {}) =>
      change(account, name, (present) => {
        const held = existing(present, name);
        const { record } = held;
        const extras = edit(record, revises === undefined ? undefined : revisionOf(held, revises));
        if (isDeepStrictEqual(record.extras, extras)) return { answer: record };
        const { version, ...revised } = revises === undefined ? {} : revision(held, revises);
        const edited = Object.freeze({ ...record, ...revised, ...changeMarks(), extras });
        return { record: edited, ...(version === undefined ? {} : { version }), answer: edited };
      }),

    publish: (account, name, { description, check } = {}) =>
      change<FunctionVersion>(account, name, (present) => {
        const held = existing(present, name);
        const { record } = held;
        check?.(record.latest);
        const last = held.versions.get(String(record.versionLast) as VersionId);
        if (last !== undefined && last.settingsHash === record.latest.settingsHash) return { answer: last };
        const versionLast = record.versionLast + 1;
        const version: FunctionVersion = Object.freeze({
          ...record.latest,
          version: String(versionLast) as VersionId,
          createdMs: clock.now(),
          revisionId: ids.uuid(),
          settings: description === undefined ? record.latest.settings : { ...record.latest.settings, description },
        });
        return {
          record: Object.freeze({ ...record, ...changeMarks(), versionLast }),
          version,
          answer: version,
        };
      }),

    versionLast: (account, name) =>
      heldOf(account, name)?.record.versionLast ?? lastNumbers.get(nameKey(account, name)) ?? 0,

    version: (account, name, version) => {
      const held = heldOf(account, name);
      return Promise.resolve(version === latestVersion ? held?.record.latest : held?.versions.get(version));
    },

    versions: (account, name) =>
      Promise.resolve(
        [...(heldOf(account, name)?.versions.values() ?? [])].toSorted((a, b) => Number(a.version) - Number(b.version)),
      ),

    async pointAlias(account, name, alias, version, weights = {}, { description, check } = {}) {
      if (!/^(?!\d+$)[A-Za-z0-9_-]{1,128}$/.test(alias)) {
        throw new PlatformError(
          'invalid_argument',
          `the alias '${alias}' is not a name; accepted: 1 to 128 letters, digits, - and _, not digits alone`,
          { field: 'alias' },
        );
      }
      return change(account, name, (present) => {
        const held = existing(present, name);
        checkVersion(held, version, 'version');
        checkWeights(held, alias, weights);
        const before = held.aliases.get(alias)?.alias;
        check?.(before);
        const text = description ?? before?.description;
        if (
          before?.version === version &&
          before.description === text &&
          settingsKey(before.weights) === settingsKey(weights)
        )
          return { answer: before };
        const history =
          before === undefined || before.version === version
            ? (before?.history ?? [])
            : [before.version, ...before.history].slice(0, historyMax);
        const moved: Alias = Object.freeze({
          name: alias,
          version,
          weights: { ...weights },
          history,
          ...(text === undefined ? {} : { description: text }),
          revisionId: ids.uuid(),
        });
        return { record: withAlias(held.record, moved), answer: moved };
      });
    },

    async rollback(account, name, alias) {
      return change(account, name, (present) => {
        const held = existing(present, name);
        const before = held.aliases.get(alias)?.alias;
        if (before === undefined) throw new PlatformError('not_found', `function '${name}' has no alias '${alias}'`);
        const [to, ...history] = before.history;
        if (to === undefined) {
          throw new PlatformError(
            'conflict',
            `alias '${alias}' of '${name}' has pointed to version ${before.version} alone: there is no earlier one to go back to`,
          );
        }
        const moved: Alias = Object.freeze({ ...before, version: to, weights: {}, history, revisionId: ids.uuid() });
        return { record: withAlias(held.record, moved), answer: { from: before.version, to } };
      });
    },

    deleteAlias: (account, name, alias) =>
      change(account, name, (present) => {
        const { record } = existing(present, name);
        if (!Object.hasOwn(record.aliases, alias)) return { answer: false };
        const { [alias]: _gone, ...aliases } = record.aliases;
        return {
          record: Object.freeze({ ...record, ...changeMarks(), aliases, extras: without(record.extras, alias) }),
          answer: true,
        };
      }),

    deleteVersion: (account, name, version) =>
      change(account, name, (present) => {
        const { record, versions } = existing(present, name);
        if (!versions.has(version)) return { answer: false };
        const pointing = Object.values(record.aliases).find(
          (alias) => alias.version === version || version in alias.weights,
        );
        if (pointing !== undefined) {
          throw new PlatformError(
            'conflict',
            `version ${version} of '${name}' is what the alias '${pointing.name}' points to; move the alias first`,
            { field: 'version' },
          );
        }
        const aliases = Object.fromEntries(
          Object.entries(record.aliases).map(([key, alias]) => [
            key,
            { ...alias, history: alias.history.filter((earlier) => earlier !== version) },
          ]),
        );
        const extras = without(record.extras, version);
        return {
          record: Object.freeze({ ...record, ...changeMarks(), aliases, extras }),
          deleted: version,
          answer: true,
        };
      }),

    delete: (account, name) =>
      inTurn(nameKey(account, name), async () => {
        for (let attempt = 0; attempt < retriesMax; attempt++) {
          const held = heldOf(account, name);
          if (held === undefined) return false;
          const key = functionKey(account, name);
          const { versionLast } = held.record;
          const committed = await records.transact([
            { kind: 'check', key, revision: held.revision },
            { kind: 'delete', key },
            ...(versionLast === 0
              ? []
              : [{ kind: 'put', key: lastPrefix + nameKey(account, name), value: { versionLast } } as const]),
            ...[...held.versions.keys()].map((version): Operation => ({
              kind: 'delete',
              key: versionKey(account, name, version),
            })),
          ]);
          if (committed.status === 'committed') {
            if (versionLast > 0) lastNumbers.set(nameKey(account, name), versionLast);
            drop(account, name);
            changed(account, name);
            return true;
          }
          await reload(account, name);
        }
        throw new PlatformError('conflict', `function '${name}' keeps being changed by somebody else; try again`);
      }),

    watch(watcher) {
      watchers.add(watcher);
      return { stop: () => watchers.delete(watcher) };
    },

    bundleBytes: (hash) => bundles.info(hash)?.zipBytes,

    bundleZip: (hash) => bundles.zip(hash),

    unzippedBytes: (hash) => bundles.info(hash)?.bytes,

    async collectUnused(others) {
      const used = new Set(others.bundles);
      const paths = new Set(others.paths);
      for (const ofAccount of functions.values()) {
        for (const { record, versions } of ofAccount.values()) {
          for (const version of [record.latest, ...versions.values()]) {
            for (const hash of codeOf(version)) used.add(hash);
            const merged = mergedLayers.pathOf(version.settings.layers ?? []);
            if (merged !== undefined) paths.add(merged);
          }
        }
      }
      const folders = await mergedLayers.collect((path) => paths.has(path));
      return folders + (await bundles.collect((hash) => used.has(hash) || paths.has(bundles.pathOf(hash))));
    },

    hasBundle: (hash) => Promise.resolve(bundles.info(hash) !== undefined),

    async addBundle(hash, zip) {
      if (!isBundleHash(hash)) {
        throw new PlatformError(
          'invalid_argument',
          `'${String(hash)}' is not a SHA-256: 64 lower-case hex digits are accepted`,
          {
            field: 'bundle',
          },
        );
      }
      const { bytes, files } = await bundles.add(hash, zip);
      return { bytes, files };
    },
  };
}

const settingsKey = (weights: Readonly<Record<string, number>>): string =>
  JSON.stringify(Object.entries(weights).toSorted(([a], [b]) => (a < b ? -1 : 1)));

/** Without what belonged to a qualifier that is gone. */
function without(extras: FunctionExtras, qualifier: string): FunctionExtras {
  const drop = <Value>(record: Readonly<Record<string, Value>>): Record<string, Value> =>
    Object.fromEntries(Object.entries(record).filter(([key]) => key !== qualifier));
  return {
    ...extras,
    urls: drop(extras.urls),
    policies: drop(extras.policies),
    eventInvokes: drop(extras.eventInvokes),
    provisioned: drop(extras.provisioned),
    runtimeManagement: drop(extras.runtimeManagement),
  };
}

/** The address that a deployment gives, or takes back, with everybody's permission to call it. */
function withDeployedUrl(
  extras: FunctionExtras,
  wanted: boolean | undefined,
  { ids, nowMs }: { ids: Ids; nowMs: number },
): FunctionExtras {
  if (wanted === undefined) return extras;
  const { [liveAlias]: present, ...urls } = extras.urls;
  const { [liveAlias]: statements = [], ...policies } = extras.policies;
  const others = statements.filter(({ id }) => !publicUrlStatements.some((own) => own.id === id));
  if (!wanted)
    return { ...extras, urls, policies: others.length === 0 ? policies : { ...policies, [liveAlias]: others } };
  const made: FunctionUrl = { urlId: ids.hex(16), auth: 'none', streams: false, createdMs: nowMs, modifiedMs: nowMs };
  return {
    ...extras,
    urls: { ...urls, [liveAlias]: present ?? made },
    policies: { ...policies, [liveAlias]: [...others, ...publicUrlStatements] },
  };
}

const codeOf = ({ settings }: FunctionVersion): BundleHash[] => [
  settings.bundle,
  ...(settings.layers ?? []).map(({ bundle }) => bundle),
];
