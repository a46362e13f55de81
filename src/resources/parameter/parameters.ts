/**
 * Parameters, kept: what there is of them in memory, what their versions hold sealed in the store. What a parameter's
 * policies ask for is done by events/parameter-policies.ts when it is due. Each change tells the account's event bus, in the
 * transaction that makes it.
 */
import { createHash } from 'node:crypto';
import { scan, type Operation, type Records } from '../../store/records.ts';
import { parseArn } from '../../util/arn.ts';
import type { Cause } from '../../util/cause.ts';
import type { Clock } from '../../util/clock.ts';
import { PlatformError } from '../../util/errors.ts';
import type { AccountId, Ids } from '../../util/ids.ts';
import { createInTurn, type InTurn } from '../../util/in-turn.ts';
import type { Vault, VaultContext } from '../vault.ts';
import {
  invalidParameterInput,
  latestOf,
  parameterArn,
  parameterError,
  parameterLimits,
  parameterNotFound,
  versionNotFound,
  type Parameter,
  type ParameterReference,
  type ParameterShare,
  type ParameterTier,
  type ParameterVersion,
} from './parameter.ts';
import { nextVersion, withRoom, type PutParameter } from './next-version.ts';
import { nextPolicyAction, type ParameterPolicy } from './parameter-policies.ts';

/** What is told of a parameter, for the account's event bus. */
export type ParameterNews = {
  account: AccountId;
  arn: string;
  detailType: string;
  detail: Readonly<Record<string, string>>;
  /** Absent: time alone. */
  cause?: Cause;
};

export type ParametersParts = {
  region: string;
  records: Records;
  /** Where values that nobody called secret are sealed, under the platform's own key. */
  vault: Vault;
  /** The operations that tell of it. */
  tell: (news: ParameterNews) => readonly Operation[];
  clock: Clock;
  ids: Ids;
};

/** Who changes a parameter: the ARN of the caller, and why. */
export type Change = { by: string; cause: Cause; vault: Vault };

const parameterPrefix = 'parameter/';
const valuePrefix = 'parameter-value/';
const sharesMax = 10;

const keyOf = ({ account, name }: Pick<Parameter, 'account' | 'name'>): string =>
  `${parameterPrefix}${account}/${name}`;
const valueKey = ({ account, name }: Pick<Parameter, 'account' | 'name'>, version: number): string =>
  `${valuePrefix}${account}/${name}:${version}`;

export class Parameters {
  readonly #parts: ParametersParts;
  readonly #inTurn: InTurn = createInTurn();
  readonly #parameters = new Map<string, Parameter>();
  /** Of those, the ones that have policies. */
  readonly #timed = new Map<string, Parameter>();
  readonly #watchers = new Set<() => void>();

  private constructor(parts: ParametersParts) {
    this.#parts = parts;
  }

  static async open(parts: ParametersParts): Promise<Parameters> {
    const parameters = new Parameters(parts);
    for await (const { key, value } of scan(parts.records, parameterPrefix)) parameters.#hold(key, value as Parameter);
    return parameters;
  }

  /** Of every account: those with policies. */
  timed(): Iterable<Parameter> {
    return this.#timed.values();
  }

  /** By name. */
  list(account: AccountId): readonly Parameter[] {
    return [...this.#parameters.values()]
      .filter((parameter) => parameter.account === account)
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  arn({ account, name }: Pick<Parameter, 'account' | 'name'>): string {
    return parameterArn(this.#parts.region, account, name);
  }

  /** What a name or an ARN means, whether it is there or not. */
  reference(account: AccountId, text: string): ParameterReference {
    const arn = text.startsWith('arn:') ? parseArn(text) : undefined;
    if (arn === undefined) return splitSelector(account, text);
    const [, path = ''] = /^parameter(\/.+)$/.exec(arn.resource) ?? [];
    const found = splitSelector(arn.account as AccountId, path);
    // An ARN does not tell whether a name without a path was meant.
    const plain = { ...found, name: found.name.slice(1) };
    return this.get(found.account, found.name) === undefined && this.get(plain.account, plain.name) !== undefined
      ? plain
      : found;
  }

  get(account: AccountId, name: string): Parameter | undefined {
    return this.#parameters.get(keyOf({ account, name }));
  }

  /** Errors: ParameterNotFound. */
  need(account: AccountId, name: string): Parameter {
    const parameter = this.get(account, name);
    if (parameter === undefined) throw parameterNotFound(name);
    return parameter;
  }

  /** `selector`: `:3`, `:live`, or empty: the latest. Errors: ParameterVersionNotFound. */
  version(parameter: Parameter, selector: string): ParameterVersion {
    const wanted = selector.slice(1);
    if (wanted === '') return latestOf(parameter);
    const version = /^\d+$/.test(wanted)
      ? parameter.versions.find(({ number }) => number === Number(wanted))
      : parameter.versions.find(({ labels }) => labels.includes(wanted));
    if (version === undefined) throw versionNotFound(parameter.name, wanted);
    return version;
  }

  /** In the clear. `vault`: the reader's own, which a key may refuse. */
  async read(parameter: Parameter, version: ParameterVersion, vault: Vault): Promise<string> {
    const opening = parameter.type === 'SecureString' ? vault : this.#parts.vault;
    return opening.open(await this.sealed(parameter, version), this.#contextOf(parameter));
  }

  /** As it is kept: what a SecureString is to who does not have it decrypted. */
  async sealed(parameter: Parameter, version: ParameterVersion): Promise<string> {
    const entry = await this.#parts.records.get(valueKey(parameter, version.number));
    // Deleted since it was looked up.
    if (entry === undefined) throw parameterNotFound(parameter.name);
    return entry.value as string;
  }

  put(account: AccountId, name: string, given: PutParameter, change: Change): Promise<Parameter> {
    return this.#inTurn(keyOf({ account, name }), async () => {
      const before = this.get(account, name);
      if (before !== undefined && !given.overwrite)
        throw new PlatformError(
          'already_exists',
          'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
          { reason: 'ParameterAlreadyExists' },
        );
      const type = given.type ?? before?.type;
      if (type === undefined)
        throw invalidParameterInput('A parameter type is required when you create a parameter.', 'Type');
      if (before !== undefined && before.type !== type)
        throw parameterError(
          'HierarchyTypeMismatchException',
          `Parameter Store doesn't support changing a parameter type in a hierarchy: ${name} is a ${before.type}. You must create a new, unique parameter.`,
          'Type',
        );
      const version = nextVersion(before, type, given, { by: change.by, nowMs: this.#parts.clock.now() });
      if (before === undefined || latestOf(before).tier !== version.tier) this.#requireRoom(account, version.tier);
      const parameter: Parameter = {
        account,
        name,
        type,
        tags: before?.tags ?? given.tags,
        versions: [...withRoom(before), version],
        told: [],
        shares: before?.shares ?? [],
      };
      const sealing = type === 'SecureString' ? change.vault : this.#parts.vault;
      const sealed = await sealing.seal(given.value, { keyId: version.keyId, context: this.#contextOf(parameter) });
      await this.#put(parameter, [
        { kind: 'put', key: valueKey(parameter, version.number), value: sealed },
        ...this.#tellChange(parameter, before === undefined ? 'Create' : 'Update', change.cause),
      ]);
      return parameter;
    });
  }

  /** Errors: ParameterNotFound. */
  delete(account: AccountId, name: string, cause: Cause): Promise<void> {
    return this.#inTurn(keyOf({ account, name }), async () => {
      const parameter = this.need(account, name);
      await this.#remove(parameter, this.#tellChange(parameter, 'Delete', cause));
    });
  }

  /** A label is on one version of a parameter at most. `number`: undefined: the latest. Errors: ParameterNotFound, ParameterVersionNotFound, ParameterVersionLabelLimitExceeded. */
  async label(
    account: AccountId,
    name: string,
    number: number | undefined,
    labels: readonly string[],
    cause: Cause,
  ): Promise<ParameterVersion> {
    const parameter = await this.#onTurn(account, name, async (before) => {
      const version = this.version(before, number === undefined ? '' : `:${number}`);
      const all = [...new Set([...version.labels, ...labels])];
      if (all.length > parameterLimits.labelsMax)
        throw parameterError(
          'ParameterVersionLabelLimitExceeded',
          `A parameter version can have maximum ${parameterLimits.labelsMax} labels. Move one or more labels to another version and try again.`,
          'Labels',
        );
      const versions = before.versions.map((one) => ({
        ...one,
        labels: one.number === version.number ? all : one.labels.filter((label) => !labels.includes(label)),
      }));
      return this.#put({ ...before, versions }, this.#tellChange(before, 'LabelParameterVersion', cause));
    });
    return this.version(parameter, number === undefined ? '' : `:${number}`);
  }

  /** Errors: ParameterNotFound, ParameterVersionNotFound. */
  async unlabel(
    account: AccountId,
    name: string,
    number: number,
    labels: readonly string[],
  ): Promise<readonly string[]> {
    let removed: readonly string[] = [];
    await this.#onTurn(account, name, (before) => {
      const version = this.version(before, `:${number}`);
      removed = version.labels.filter((label) => labels.includes(label));
      const versions = before.versions.map((one) =>
        one.number === number ? { ...one, labels: one.labels.filter((label) => !labels.includes(label)) } : one,
      );
      return this.#put({ ...before, versions });
    });
    return removed;
  }

  changeTags(
    account: AccountId,
    name: string,
    change: (tags: Parameter['tags']) => Parameter['tags'],
  ): Promise<Parameter> {
    return this.#onTurn(account, name, (before) => this.#put({ ...before, tags: change(before.tags) }));
  }

  /** A policy of who else may use it; with `id` and `hash` one that is there is replaced. */
  async share(
    account: AccountId,
    name: string,
    policy: string,
    present: { id: string; hash: string } | undefined,
  ): Promise<ParameterShare> {
    const share = (id: string): ParameterShare => ({
      id,
      hash: createHash('sha256').update(policy).digest('hex'),
      policy,
    });
    const made = share(present?.id ?? this.#parts.ids.uuid());
    await this.#onTurn(account, name, (before) => {
      if (present !== undefined) this.#needShare(before, present);
      else if (before.shares.length >= sharesMax)
        throw parameterError('ResourcePolicyLimitExceededException', `A parameter has at most ${sharesMax} policies.`);
      return this.#put({ ...before, shares: [...before.shares.filter(({ id }) => id !== made.id), made] });
    });
    return made;
  }

  async unshare(account: AccountId, name: string, present: { id: string; hash: string }): Promise<void> {
    await this.#onTurn(account, name, (before) => {
      this.#needShare(before, present);
      return this.#put({ ...before, shares: before.shares.filter(({ id }) => id !== present.id) });
    });
  }

  /** When a policy of it asks for something next. Undefined: never. */
  nextAction(parameter: Parameter): { dueMs: number } | undefined {
    const { policies, createdMs } = latestOf(parameter);
    return nextPolicyAction(policies, createdMs, parameter.told);
  }

  /** Does what is due: tells the event bus, or deletes the parameter. */
  actOnPolicy({ account, name }: Parameter): Promise<void> {
    return this.#inTurn(keyOf({ account, name }), async () => {
      const parameter = this.get(account, name);
      if (parameter === undefined) return;
      const { policies, createdMs } = latestOf(parameter);
      const action = nextPolicyAction(policies, createdMs, parameter.told);
      if (action === undefined || action.dueMs > this.#parts.clock.now()) return;
      const news = this.#tellPolicy(parameter, action.policy);
      if (action.policy.type === 'Expiration') await this.#remove(parameter, news);
      else await this.#put({ ...parameter, told: [...parameter.told, action.index] }, news);
    });
  }

  /** Calls back when one of those that are `timed` is another. */
  watch(changed: () => void): { stop(): void } {
    this.#watchers.add(changed);
    return { stop: () => void this.#watchers.delete(changed) };
  }

  #requireRoom(account: AccountId, tier: ParameterTier): void {
    let count = 0;
    for (const one of this.#parameters.values()) if (one.account === account && latestOf(one).tier === tier) count += 1;
    const max = parameterLimits.parametersMax[tier];
    if (count >= max)
      throw new PlatformError('throttled', `An account has at most ${max} ${tier} parameters.`, {
        reason: 'ParameterLimitExceeded',
      });
  }

  #needShare({ shares }: Parameter, { id, hash }: { id: string; hash: string }): void {
    const share = shares.find((one) => one.id === id);
    if (share === undefined)
      throw new PlatformError('not_found', `There is no policy ${id}.`, { reason: 'ResourcePolicyNotFoundException' });
    if (share.hash !== hash)
      throw parameterError('ResourcePolicyConflictException', 'The policy has another hash: it was changed meanwhile.');
  }

  /** https://docs.aws.amazon.com/kms/latest/developerguide/services-parameter-store.html#parameter-store-encryption-context */
  #contextOf(parameter: Pick<Parameter, 'account' | 'name'>): VaultContext {
    return { PARAMETER_ARN: this.arn(parameter) };
  }

  /** https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-cwe.html */
  #tellChange(parameter: Parameter, operation: string, cause: Cause): readonly Operation[] {
    const { description } = latestOf(parameter);
    return this.#parts.tell({
      account: parameter.account,
      arn: this.arn(parameter),
      detailType: 'Parameter Store Change',
      detail: {
        operation,
        name: parameter.name,
        type: parameter.type,
        ...(description !== undefined && { description }),
      },
      cause,
    });
  }

  #tellPolicy(parameter: Parameter, policy: ParameterPolicy): readonly Operation[] {
    return this.#parts.tell({
      account: parameter.account,
      arn: this.arn(parameter),
      detailType: 'Parameter Store Policy Action',
      detail: {
        'parameter-name': parameter.name,
        'parameter-type': parameter.type,
        'policy-type': policy.type,
        'policy-content': policy.text,
        'action-status': 'Success',
        'action-reason': '',
      },
    });
  }

  #onTurn(account: AccountId, name: string, change: (parameter: Parameter) => Promise<Parameter>): Promise<Parameter> {
    return this.#inTurn(keyOf({ account, name }), () => change(this.need(account, name)));
  }

  /** What versions hold goes with them. */
  async #put(parameter: Parameter, more: readonly Operation[] = []): Promise<Parameter> {
    const key = keyOf(parameter);
    const kept = new Set(parameter.versions.map(({ number }) => number));
    const gone = (this.#parameters.get(key)?.versions ?? []).filter(({ number }) => !kept.has(number));
    await this.#parts.records.transact([
      { kind: 'put', key, value: parameter },
      ...gone.map(({ number }) => ({ kind: 'delete' as const, key: valueKey(parameter, number) })),
      ...more,
    ]);
    this.#hold(key, parameter);
    return parameter;
  }

  async #remove(parameter: Parameter, more: readonly Operation[]): Promise<void> {
    const key = keyOf(parameter);
    await this.#parts.records.transact([
      { kind: 'delete', key },
      ...parameter.versions.map(({ number }) => ({ kind: 'delete' as const, key: valueKey(parameter, number) })),
      ...more,
    ]);
    this.#hold(key, undefined);
  }

  #hold(key: string, parameter: Parameter | undefined): void {
    const wasTimed = this.#timed.delete(key);
    const isTimed = parameter !== undefined && latestOf(parameter).policies.length > 0;
    if (parameter === undefined) this.#parameters.delete(key);
    else this.#parameters.set(key, parameter);
    if (isTimed) this.#timed.set(key, parameter);
    if (isTimed || wasTimed) for (const changed of this.#watchers) changed();
  }
}

function splitSelector(account: AccountId, text: string): ParameterReference {
  const colon = text.indexOf(':');
  return colon < 0
    ? { account, name: text, selector: '' }
    : { account, name: text.slice(0, colon), selector: text.slice(colon) };
}
