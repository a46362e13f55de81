import { isDeepStrictEqual } from 'node:util';
import type { BundleSigners } from '../resources/bundle-signers.ts';
import type { Blobs } from '../store/blobs.ts';
import type { Records } from '../store/records.ts';
import type { Clock } from '../util/clock.ts';
import { PlatformError } from '../util/errors.ts';
import { functionArn, latestVersion, type BundleHash, type Ids, type VersionId } from '../util/ids.ts';
import { limits } from '../util/limits.ts';
import type { LimitProfileName } from '../util/limit-profiles.ts';
import type { Sealer } from '../util/sealer.ts';
import { Bundles } from './bundles.ts';
import {
  codeOf,
  historyMax,
  noExtras,
  type Alias,
  type FunctionRecord,
  type FunctionSettings,
  type FunctionVersion,
} from './function.ts';
import { checkAliasName, checkVersion, checkWeights, existing } from './check-alias.ts';
import { withDeployed, without, withDeployedUrl } from './function-extras.ts';
import { HeldFunctions, type Held } from './held-functions.ts';
import { openMergedLayers } from './merged-layers.ts';
import { pickVersion } from './pick-version.ts';
import type { Registry, Resolved } from './registry.ts';
import { checkFunctionName, isBundleHash, parseFunctionSettings, settingsHash } from './settings.ts';

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
  /** Refuses new code without a signature; absent: none is asked for. */
  signers?: Pick<BundleSigners, 'require'>;
};

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
  const { region, clock, ids } = options;
  const bundles = await Bundles.open(options);
  const { folder } = bundles;
  const mergedLayers = await openMergedLayers({ folder, pathOf: (hash) => bundles.pathOf(hash), clock, ids });
  const functions = await HeldFunctions.open(options);
  await bundles.ensureAll([...versionsOf(functions.all())].flatMap(({ settings }) => codeOf(settings)));
  for (const { settings } of versionsOf(functions.all())) await mergedLayers.ensure(settings.layers ?? []);

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

  return {
    get: (account, name) => functions.get(account, name)?.record,

    list: (account) =>
      [...functions.of(account)].map(({ record }) => record).toSorted((a, b) => (a.name < b.name ? -1 : 1)),

    all: () => [...functions.all()].map(({ record }) => record),

    byUrlId(urlId) {
      const found = functions.byUrlId(urlId);
      const url = found?.held.record.extras.urls[found.qualifier];
      return found === undefined || url === undefined
        ? undefined
        : { function: found.held.record, qualifier: found.qualifier, url };
    },

    resolve(account, name, qualifier, requestId) {
      const held = functions.get(account, name);
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

    async put(account, name, given, { application, url, tags, check, signature }) {
      checkFunctionName(name, 'name');
      const settings = parseFunctionSettings(given, '', options.limitProfile);
      await bundles.ensure(settings.bundle);
      for (const layer of settings.layers ?? []) await bundles.ensure(layer.bundle);
      checkUnzippedSize(settings);
      await mergedLayers.ensure(settings.layers ?? []);
      const hash = settingsHash(settings);
      return functions.change(account, name, (held) => {
        const before = held?.record;
        check?.(before);
        options.signers?.require(account, name, codeOf(settings), {
          signature,
          has: before === undefined ? [] : codeOf(before.latest.settings),
        });
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
          versionLast: functions.lastNumber(account, name),
          aliases: before?.aliases ?? {},
          ...changeMarks(),
          extras,
        });
        return { record, answer: record };
      });
    },

    edit: (account, name, edit, { revises } = {}) =>
      functions.change(account, name, (present) => {
        const held = existing(present, name);
        const { record } = held;
        const extras = edit(record, revises === undefined ? undefined : revisionOf(held, revises));
        if (isDeepStrictEqual(record.extras, extras)) return { answer: record };
        const { version, ...revised } = revises === undefined ? {} : revision(held, revises);
        const edited = Object.freeze({ ...record, ...revised, ...changeMarks(), extras });
        return { record: edited, ...(version === undefined ? {} : { version }), answer: edited };
      }),

    publish: (account, name, { description, isDeployed = false, check } = {}) =>
      functions.change<FunctionVersion>(account, name, (present) => {
        const held = existing(present, name);
        const { record } = held;
        check?.(record.latest);
        const last = held.versions.get(String(record.versionLast) as VersionId);
        if (last !== undefined && last.settingsHash === record.latest.settingsHash) {
          // Whoever publishes what a deployment has made wants to keep it; a deployment takes nothing of his over.
          const extras = isDeployed ? record.extras : withDeployed(record.extras, last.version, false);
          if (extras === record.extras) return { answer: last };
          return { record: Object.freeze({ ...record, ...changeMarks(), extras }), answer: last };
        }
        const versionLast = record.versionLast + 1;
        const version: FunctionVersion = Object.freeze({
          ...record.latest,
          version: String(versionLast) as VersionId,
          createdMs: clock.now(),
          revisionId: ids.uuid(),
          settings: description === undefined ? record.latest.settings : { ...record.latest.settings, description },
        });
        return {
          record: Object.freeze({
            ...record,
            ...changeMarks(),
            versionLast,
            extras: withDeployed(record.extras, version.version, isDeployed),
          }),
          version,
          answer: version,
        };
      }),

    versionLast: (account, name) => functions.lastNumber(account, name),

    version: (account, name, version) => {
      const held = functions.get(account, name);
      return Promise.resolve(version === latestVersion ? held?.record.latest : held?.versions.get(version));
    },

    versions: (account, name) =>
      Promise.resolve(
        [...(functions.get(account, name)?.versions.values() ?? [])].toSorted(
          (a, b) => Number(a.version) - Number(b.version),
        ),
      ),

    async pointAlias(account, name, alias, version, weights = {}, { description, check } = {}) {
      checkAliasName(alias);
      return functions.change(account, name, (present) => {
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
      return functions.change(account, name, (present) => {
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
      functions.change(account, name, (present) => {
        const { record } = existing(present, name);
        if (!Object.hasOwn(record.aliases, alias)) return { answer: false };
        const { [alias]: _gone, ...aliases } = record.aliases;
        return {
          record: Object.freeze({ ...record, ...changeMarks(), aliases, extras: without(record.extras, alias) }),
          answer: true,
        };
      }),

    deleteVersion: (account, name, version) =>
      functions.change(account, name, (present) => {
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

    delete: (account, name) => functions.delete(account, name),

    watch: (watcher) => functions.watch(watcher),

    bundleBytes: (hash) => bundles.info(hash)?.zipBytes,

    bundleZip: (hash) => bundles.zip(hash),

    unzippedBytes: (hash) => bundles.info(hash)?.bytes,

    async collectUnused(others) {
      const used = new Set(others.bundles);
      const paths = new Set(others.paths);
      for (const version of versionsOf(functions.all())) {
        for (const hash of codeOf(version.settings)) used.add(hash);
        const merged = mergedLayers.pathOf(version.settings.layers ?? []);
        if (merged !== undefined) paths.add(merged);
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

function* versionsOf(functions: Iterable<Held>): Generator<FunctionVersion> {
  for (const { record, versions } of functions) {
    yield record.latest;
    yield* versions.values();
  }
}

const settingsKey = (weights: Readonly<Record<string, number>>): string =>
  JSON.stringify(Object.entries(weights).toSorted(([a], [b]) => (a < b ? -1 : 1)));
