/**
 * Layers: content that functions share, in numbered versions that never change. As of functions, everything is in
 * memory and each change is on disk before it is answered. The content itself is a bundle of the registry's.
 * https://docs.aws.amazon.com/lambda/latest/dg/chapter-layers.html
 */
import { scan, type Operation, type Records } from '../store/records.ts';
import type { Clock } from '../util/clock.ts';
import { PlatformError } from '../util/errors.ts';
import type { AccountId, BundleHash, Ids } from '../util/ids.ts';
import { createInTurn } from '../util/in-turn.ts';
import type { Architecture, LayerUse } from './function.ts';

/** Who else may use a version: one statement of its policy. */
export type LayerStatement = {
  id: string;
  /** `*`, an account, or the ARN of an account's root. */
  principal: string;
  organizationId?: string;
};

export type LayerContent = {
  bundle: BundleHash;
  zipBytes: number;
  description?: string;
  license?: string;
  /** Names as their maker gave them: they say what is meant, and are not enforced. */
  runtimes?: readonly string[];
  architectures?: readonly Architecture[];
};

export type LayerVersion = LayerContent & {
  account: AccountId;
  name: string;
  version: number;
  /** `arn:aws:lambda:<region>:<account>:layer:<name>:<version>` */
  arn: string;
  createdMs: number;
  statements: readonly LayerStatement[];
  /** Of the statements; another one after each change. */
  revisionId: string;
};

export interface Layers {
  /** What a function keeps of the version with this ARN. */
  find(arn: string): LayerUse | undefined;
  get(account: AccountId, name: string, version: number): LayerVersion | undefined;
  byArn(arn: string): LayerVersion | undefined;
  /** Newest first; none when there is no such layer. */
  versions(account: AccountId, name: string): readonly LayerVersion[];
  /** Of all versions there are. */
  bundles(): ReadonlySet<BundleHash>;
  /** Names of layers that have a version, in order. */
  names(account: AccountId): readonly string[];
  /** The next number; numbers are never reused. The bundle must be there. */
  publish(account: AccountId, name: string, content: LayerContent): Promise<LayerVersion>;
  /**
   * Changes the statements. `edit` is given the version as it is and throws to refuse. Errors: `not_found`, and what
   * `edit` throws.
   */
  editStatements(
    account: AccountId,
    name: string,
    version: number,
    edit: (present: LayerVersion) => readonly LayerStatement[],
  ): Promise<LayerVersion>;
  /** Functions that name it keep its content. False: there is none. */
  delete(account: AccountId, name: string, version: number): Promise<boolean>;
}

const prefix = 'layer/';
const lastPrefix = 'layer-last/';
const versionKey = (account: AccountId, name: string, version: number): string =>
  `${prefix}${account}/${name}/${String(version).padStart(10, '0')}`;
const lastKey = (account: AccountId, name: string): string => `${lastPrefix}${account}/${name}`;

type Options = { records: Records; region: string; clock: Clock; ids: Ids };

export async function openLayers({ records, region, clock, ids }: Options): Promise<Layers> {
  /** By account and name, oldest first. */
  const held = new Map<string, LayerVersion[]>();
  /** Highest number given so far, of deleted versions too. */
  const last = new Map<string, number>();
  const arns = new Map<string, LayerVersion>();
  /** Changes to one layer wait for each other. */
  const inTurn = createInTurn();
  const keyOf = (account: AccountId, name: string): string => `${account}/${name}`;

  function put(version: LayerVersion): void {
    const key = keyOf(version.account, version.name);
    const others = (held.get(key) ?? []).filter((other) => other.version !== version.version);
    held.set(
      key,
      [...others, version].toSorted((a, b) => a.version - b.version),
    );
    arns.set(version.arn, version);
  }

  for await (const { value } of scan(records, prefix)) put(Object.freeze(value as LayerVersion));
  for await (const { key, value } of scan(records, lastPrefix)) last.set(key.slice(lastPrefix.length), value as number);

  /** The platform is the only writer, one change at a time: nothing can come between. */
  const write = async (operations: Operation[]): Promise<void> => void (await records.transact(operations));

  const get: Layers['get'] = (account, name, version) =>
    held.get(keyOf(account, name))?.find((one) => one.version === version);

  return {
    get,
    find(arn) {
      const found = arns.get(arn);
      return found === undefined ? undefined : { arn, bundle: found.bundle, zipBytes: found.zipBytes };
    },
    bundles: () => new Set([...arns.values()].map(({ bundle }) => bundle)),
    byArn: (arn) => arns.get(arn),
    versions: (account, name) => (held.get(keyOf(account, name)) ?? []).toReversed(),
    names: (account) =>
      [...held.values()]
        .flatMap(([first]) => (first?.account === account ? [first.name] : []))
        .toSorted((a, b) => (a < b ? -1 : 1)),

    publish: (account, name, content) =>
      inTurn(keyOf(account, name), async () => {
        const number = (last.get(keyOf(account, name)) ?? 0) + 1;
        const version: LayerVersion = Object.freeze({
          ...content,
          account,
          name,
          version: number,
          arn: `arn:aws:lambda:${region}:${account}:layer:${name}:${number}`,
          createdMs: clock.now(),
          statements: [],
          revisionId: ids.uuid(),
        });
        await write([
          { kind: 'put', key: versionKey(account, name, number), value: version },
          { kind: 'put', key: lastKey(account, name), value: number },
        ]);
        last.set(keyOf(account, name), number);
        put(version);
        return version;
      }),

    editStatements: (account, name, number, edit) =>
      inTurn(keyOf(account, name), async () => {
        const present = get(account, name, number);
        if (present === undefined)
          throw new PlatformError('not_found', `there is no version ${number} of the layer '${name}'`);
        const edited = Object.freeze({ ...present, statements: edit(present), revisionId: ids.uuid() });
        await write([{ kind: 'put', key: versionKey(account, name, number), value: edited }]);
        put(edited);
        return edited;
      }),

    delete: (account, name, number) =>
      inTurn(keyOf(account, name), async () => {
        const present = get(account, name, number);
        if (present === undefined) return false;
        await write([{ kind: 'delete', key: versionKey(account, name, number) }]);
        const others = (held.get(keyOf(account, name)) ?? []).filter((one) => one.version !== number);
        if (others.length === 0) held.delete(keyOf(account, name));
        else held.set(keyOf(account, name), others);
        arns.delete(present.arn);
        return true;
      }),
  };
}
