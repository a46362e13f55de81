/**
 * The registry's port: what is deployed. Reads are answered from memory at once (everything is loaded at start and
 * changed only through here); writes are on disk before they answer.
 */
import type { AccountId, BundleHash, RequestId, VersionId } from '../util/ids.ts';
import type {
  Alias,
  FunctionExtras,
  FunctionRecord,
  FunctionSettings,
  FunctionUrl,
  FunctionVersion,
} from './function.ts';

export type Resolved = {
  version: FunctionVersion;
  function: FunctionRecord;
  /** Folder with the unzipped bundle. */
  bundlePath: string;
  /** Folder with its layers, merged; absent: it has none. */
  layersPath?: string;
};

export interface Registry {
  get(account: AccountId, name: string): FunctionRecord | undefined;
  list(account: AccountId): readonly FunctionRecord[];
  /** Of every account. */
  all(): Iterable<FunctionRecord>;
  /** `qualifier`: the key of the address in `urls`. */
  byUrlId(urlId: string): { function: FunctionRecord; qualifier: string; url: FunctionUrl } | undefined;
  /**
   * The version that an invocation runs. `qualifier`: `$LATEST`, a number, an alias, or absent ($LATEST). A weighted
   * alias picks by `requestId`, so that retries of one event stay on one version. Undefined: no such function or qualifier.
   */
  resolve(account: AccountId, name: string, qualifier: string | undefined, requestId: RequestId): Resolved | undefined;

  /** Creates it or replaces $LATEST. Settings equal to the present ones change nothing. Errors: `invalid_argument`, `not_found` (bundle), `permission_denied` (new code without a signature that the account asks for). */
  put(
    account: AccountId,
    name: string,
    settings: FunctionSettings,
    options: {
      application?: string;
      /** Whether the deployment gives it an address; absent: as before. */
      url?: boolean;
      tags?: Readonly<Record<string, string>>;
      /** Over the bundle's hash, in base64; absent: there is none. */
      signature?: string;
      /** Throws to refuse what is there now (there is one already, another revision). */
      check?: (before: FunctionRecord | undefined) => void;
    },
  ): Promise<FunctionRecord>;
  /**
   * Changes what belongs to the function as a whole. `edit` is given the present record, perhaps more than once, and
   * throws to refuse. Answers the record after it. `revises`: the version or alias that has another revision from then
   * on, because what changes belongs to it; `edit` is given its present one. Errors: `not_found`, and what `edit` throws.
   */
  edit(
    account: AccountId,
    name: string,
    edit: (record: FunctionRecord, revisionId: string | undefined) => FunctionExtras,
    options?: { revises?: string },
  ): Promise<FunctionRecord>;
  /**
   * Freezes $LATEST as the next number; answers the last version again if nothing changed since. `description`: the
   * version's own. `isDeployed`: a deployment does it, and may remove the version again, unless somebody publishes it
   * himself. `check` throws to refuse what is there now (another revision, another hash).
   */
  publish(
    account: AccountId,
    name: string,
    options?: { description?: string; isDeployed?: boolean; check?: (latest: FunctionVersion) => void },
  ): Promise<FunctionVersion>;
  /** The highest number given so far to a function of this name, deleted ones included; 0: none. */
  versionLast(account: AccountId, name: string): number;
  version(account: AccountId, name: string, version: VersionId): Promise<FunctionVersion | undefined>;
  versions(account: AccountId, name: string): Promise<FunctionVersion[]>;
  /** Creates or moves the alias; one atomic step, invocations see the old or the new one. */
  pointAlias(
    account: AccountId,
    name: string,
    alias: string,
    version: VersionId,
    weights?: Record<VersionId, number>,
    options?: { description?: string; check?: (before: Alias | undefined) => void },
  ): Promise<Alias>;
  /** False: there is none. */
  deleteAlias(account: AccountId, name: string, alias: string): Promise<boolean>;
  /** A published version, and whatever belongs to it. Errors: `conflict` while an alias points to it. False: there is none. */
  deleteVersion(account: AccountId, name: string, version: VersionId): Promise<boolean>;
  /** Moves the alias back to where it pointed before. Errors: `conflict` when there is no earlier version. */
  rollback(account: AccountId, name: string, alias: string): Promise<{ from: VersionId; to: VersionId }>;
  delete(account: AccountId, name: string): Promise<boolean>;
  /** Calls back after any change (deploys, rollbacks, deletions), for caches and warm environments. */
  watch(changed: (account: AccountId, name: string) => void): { stop(): void };

  hasBundle(hash: BundleHash): Promise<boolean>;
  /** Stores a zip once by its hash and unpacks it. Errors: `invalid_argument` (not a zip, unsafe path, hash differs), `too_large`. */
  addBundle(hash: BundleHash, zip: AsyncIterable<Uint8Array>): Promise<{ bytes: number; files: number }>;
}
