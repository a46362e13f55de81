/**
 * Secrets, kept: what there is of them in memory, what their versions hold sealed in the store, read when it is asked for.
 * Rotations are undertaken here and done by events/secret-rotation.ts, step by step: each step's outcome is on disk before
 * the next one begins.
 */
import { isDeepStrictEqual } from 'node:util';
import { scan, type Operation, type Records } from '../../store/records.ts';
import { parseArn } from '../../util/arn.ts';
import type { Clock } from '../../util/clock.ts';
import { PlatformError } from '../../util/errors.ts';
import type { AccountId, Ids } from '../../util/ids.ts';
import { createInTurn, type InTurn } from '../../util/in-turn.ts';
import type { Vault } from '../vault.ts';
import { randomSuffix } from './random-suffix.ts';
import { startOfDay } from './rotation-rules.ts';
import { afterStep, cancelled, due, ended, onceMore, requested, type RotationRequest } from './rotation.ts';
import { SecretValues } from './secret-values.ts';
import {
  currentStage,
  invalidRequest,
  noSecret,
  secretArn,
  secretLimits,
  tooMany,
  versionWithStage,
  type Rotating,
  type Secret,
  type SecretValue,
  type SecretVersion,
} from './secret.ts';
import { attachStages, emptyVersion, forgetDeprecated, moveStage, type StageMove } from './staging.ts';

export type SecretsParts = {
  region: string;
  records: Records;
  clock: Clock;
  ids: Ids;
  report: (message: string, cause: unknown) => void;
};

/** What a change may make different. */
export type SecretSettings = Partial<Pick<Secret, 'description' | 'keyId' | 'tags' | 'policy'>>;

export type Creation = SecretSettings & { name: string; value?: SecretValue; token: string };

const secretPrefix = 'secret/';

const keyOf = ({ account, name }: Pick<Secret, 'account' | 'name'>): string => `${secretPrefix}${account}/${name}`;

export class Secrets {
  readonly #parts: SecretsParts;
  readonly #values: SecretValues;
  readonly #inTurn: InTurn = createInTurn();
  readonly #secrets = new Map<string, Secret>();
  /** Of those, the ones with which something happens by itself. */
  readonly #timed = new Map<string, Secret>();
  readonly #watchers = new Set<() => void>();

  private constructor(parts: SecretsParts) {
    this.#parts = parts;
    this.#values = new SecretValues(parts);
  }

  static async open(parts: SecretsParts): Promise<Secrets> {
    const secrets = new Secrets(parts);
    for await (const { key, value } of scan(parts.records, secretPrefix)) secrets.#hold(key, value as Secret);
    return secrets;
  }

  /** Of every account: those with which something happens by itself. */
  timed(): Iterable<Secret> {
    return this.#timed.values();
  }

  list(account: AccountId): readonly Secret[] {
    return [...this.#secrets.values()].filter((secret) => secret.account === account);
  }

  arn(secret: Pick<Secret, 'account' | 'name' | 'suffix'>): string {
    return secretArn(this.#parts.region, secret);
  }

  /**
   * By its name, its ARN, or its ARN without the characters behind the name; an ARN may be of another account. Deleted ones
   * too. https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot.html#ARN_secretnamehyphen
   */
  find(account: AccountId, id: string): Secret | undefined {
    if (!id.startsWith('arn:')) return this.#secrets.get(keyOf({ account, name: id }));
    const arn = parseArn(id);
    if (arn?.service !== 'secretsmanager' || arn.region !== this.#parts.region) return undefined;
    const [, named = ''] = /^secret:(.+)$/.exec(arn.resource) ?? [];
    const [, whole = '', suffix] = /^(.+)-([A-Za-z0-9]{6})$/.exec(named) ?? [];
    const owner = arn.account as AccountId;
    const exact = this.#secrets.get(keyOf({ account: owner, name: whole }));
    return exact !== undefined && exact.suffix === suffix
      ? exact
      : this.#secrets.get(keyOf({ account: owner, name: named }));
  }

  /** Errors: ResourceNotFoundException; InvalidRequestException for one that is marked as deleted. */
  need(account: AccountId, id: string): Secret {
    const secret = this.#needAny(account, id);
    if (secret.deleted !== undefined)
      throw invalidRequest("You can't perform this operation on the secret because it was marked for deletion.");
    return secret;
  }

  create(account: AccountId, { name, value, token, ...settings }: Creation, vault: Vault): Promise<Secret> {
    return this.#inTurn(keyOf({ account, name }), async () => {
      const present = this.#secrets.get(keyOf({ account, name }));
      if (present?.deleted !== undefined)
        throw invalidRequest(
          "You can't create this secret because a secret with this name is already scheduled for deletion.",
        );
      if (present !== undefined) {
        const made = present.versions.find(({ id }) => id === token);
        // The same request once more.
        if (
          made !== undefined &&
          value !== undefined &&
          isDeepStrictEqual(await this.#values.open(present, made.id, vault), value)
        )
          return present;
        throw new PlatformError('already_exists', `The operation failed because the secret ${name} already exists.`, {
          reason: 'ResourceExistsException',
        });
      }
      if (this.#secrets.size >= secretLimits.secretsMax)
        throw tooMany(`You can't have more than ${secretLimits.secretsMax} secrets.`);
      const nowMs = this.#parts.clock.now();
      const secret: Secret = {
        account,
        name,
        suffix: randomSuffix(this.#parts.ids),
        createdMs: nowMs,
        changedMs: nowMs,
        tags: {},
        versions: [],
        ...settings,
      };
      return value === undefined ? this.#put(secret) : this.#addVersion(secret, token, value, [currentStage], vault);
    });
  }

  /** Errors: as `need`, and what `change` throws. */
  update(account: AccountId, id: string, change: (secret: Secret) => Partial<Secret>): Promise<Secret> {
    return this.#onTurn(account, id, (secret) =>
      this.#put({ ...secret, ...change(secret), changedMs: this.#parts.clock.now() }),
    );
  }

  /** Another key from now on: what has a label is encrypted anew, as the vendor does. */
  changeKey(account: AccountId, id: string, settings: SecretSettings, vault: Vault): Promise<Secret> {
    return this.#onTurn(account, id, async (before) => {
      const secret = { ...before, ...settings, changedMs: this.#parts.clock.now() };
      const { keyId } = secret;
      const again: Operation[] = [];
      const versions: SecretVersion[] = [];
      for (const version of before.versions) {
        const isAnew = version.hasValue && version.stages.length > 0;
        versions.push(isAnew && keyId !== undefined ? { ...version, keyId } : version);
        if (!isAnew) continue;
        const value = await this.#values.open(before, version.id, vault);
        again.push(await this.#values.sealed(secret, version.id, value, vault));
      }
      return this.#put({ ...secret, versions }, again);
    });
  }

  removePolicy(account: AccountId, id: string): Promise<Secret> {
    return this.#onTurn(account, id, (secret) => {
      const { policy: _, ...rest } = secret;
      return this.#put(rest);
    });
  }

  /**
   * A new version with these labels; absent: AWSCURRENT. A version of that id that holds the same already only gets the
   * labels. Errors: ResourceExistsException for one that holds something else.
   */
  putValue(
    account: AccountId,
    id: string,
    {
      token,
      value,
      stages,
      ...settings
    }: SecretSettings & { token: string; value: SecretValue; stages?: readonly string[] },
    vault: Vault,
  ): Promise<Secret> {
    return this.#onTurn(account, id, async (before) => {
      const secret = { ...before, ...settings };
      const isFirst = versionWithStage(secret, currentStage) === undefined;
      const wanted = stages ?? [currentStage];
      const attached =
        isFirst && !wanted.includes(currentStage) && secret.rotating === undefined ? [...wanted, currentStage] : wanted;
      const present = secret.versions.find((version) => version.id === token);
      if (present?.hasValue !== true) return this.#addVersion(secret, token, value, attached, vault);
      if (!isDeepStrictEqual(await this.#values.open(secret, present.id, vault), value))
        throw new PlatformError(
          'already_exists',
          `You can't use ClientRequestToken ${token} because that value is already in use for a version of secret ${this.arn(secret)}.`,
          { reason: 'ResourceExistsException' },
        );
      return stages === undefined
        ? secret
        : this.#put({ ...secret, versions: attachStages(secret.versions, token, stages) });
    });
  }

  /** The version that is asked for, AWSCURRENT where nothing is. Errors: ResourceNotFoundException, InvalidRequestException. */
  version(secret: Secret, asked: { id?: string | undefined; stage?: string | undefined }): SecretVersion {
    const byId = secret.versions.find(({ id }) => id === asked.id);
    const stage = asked.stage ?? (asked.id === undefined ? currentStage : undefined);
    const version = asked.id === undefined ? versionWithStage(secret, stage ?? currentStage) : byId;
    const what = asked.id === undefined ? `staging label: ${stage}` : `VersionId: ${asked.id}`;
    if (version !== undefined && stage !== undefined && !version.stages.includes(stage))
      throw invalidRequest('You provided a VersionStage that is not associated to the provided VersionId.');
    if (version?.hasValue !== true) throw noSecret(`Secrets Manager can't find the specified secret value for ${what}`);
    return version;
  }

  /** What a version holds; that it was read is noted. */
  async read(secret: Secret, version: SecretVersion, vault: Vault): Promise<SecretValue> {
    const value = await this.#values.open(secret, version.id, vault);
    const todayMs = startOfDay(this.#parts.clock.now());
    if (secret.accessedMs !== todayMs || version.accessedMs !== todayMs)
      this.#noteRead(secret, version.id, todayMs).catch((error: unknown) =>
        this.#parts.report(`that the secret ${secret.name} was read could not be noted`, error),
      );
    return value;
  }

  moveStage(account: AccountId, id: string, move: StageMove): Promise<Secret> {
    return this.update(account, id, ({ versions }) => ({ versions: moveStage(versions, move) }));
  }

  /** `windowMs` from now on it is gone; until then it can be restored. 0: at once. */
  delete(account: AccountId, id: string, windowMs: number): Promise<Secret> {
    const { clock } = this.#parts;
    return this.#inTurn(this.#turnOf(account, id), async () => {
      const secret = this.#needAny(account, id);
      if (windowMs === 0) {
        await this.#remove(secret);
        return { ...secret, deleted: { markedMs: clock.now(), goneMs: clock.now() } };
      }
      if (secret.deleted !== undefined)
        throw invalidRequest("You tried to perform the operation on a secret that's currently marked deleted.");
      const { rotating: _, ...rest } = secret;
      return this.#put({ ...rest, deleted: { markedMs: clock.now(), goneMs: clock.now() + windowMs } });
    });
  }

  /** One that is not marked as deleted stays as it is. */
  restore(account: AccountId, id: string): Promise<Secret> {
    return this.#inTurn(this.#turnOf(account, id), async () => {
      const { deleted, ...secret } = this.#needAny(account, id);
      return deleted === undefined ? secret : this.#put(secret);
    });
  }

  /** Its time to be restored is over. */
  purge({ account, name, suffix }: Secret): Promise<void> {
    return this.#inTurn(keyOf({ account, name }), async () => {
      const secret = this.#secrets.get(keyOf({ account, name }));
      const isOver = secret?.suffix === suffix && (secret.deleted?.goneMs ?? Infinity) <= this.#parts.clock.now();
      if (secret !== undefined && isOver) await this.#remove(secret);
    });
  }

  /** Has it rotated from now on as this says, and at once where it says so. Errors: InvalidRequestException. */
  rotate(account: AccountId, id: string, request: RotationRequest): Promise<Secret> {
    return this.#onTurn(account, id, (secret) => {
      // The same request once more.
      if (secret.rotating?.token === request.token) return Promise.resolve(secret);
      return this.#put(requested(secret, request, this.#parts.clock.now()));
    });
  }

  /** What a schedule asks for. */
  rotateNow({ account, name }: Secret): Promise<void> {
    return this.#inTurn(keyOf({ account, name }), async () => {
      const secret = this.#secrets.get(keyOf({ account, name }));
      const rotated = secret && due(secret, this.#parts.ids, this.#parts.clock.now());
      if (rotated !== undefined) await this.#put(rotated);
    });
  }

  /** No rotation by itself any more, and none that is under way. Errors: InvalidRequestException. */
  cancelRotation(account: AccountId, id: string): Promise<Secret> {
    return this.#onTurn(account, id, (secret) => this.#put(cancelled(secret, this.#parts.clock.now())));
  }

  /** A step is done: the next one, or the end. Nothing where the rotation is no longer the one that `before` had. */
  stepDone(before: Secret): Promise<void> {
    return this.#onRotation(before, (secret, rotating) => afterStep(secret, rotating, this.#parts.clock.now()));
  }

  /** A step is done later; `isFailure`: it has been tried. */
  stepAgain(before: Secret, delayMs: number, isFailure: boolean): Promise<void> {
    return this.#onRotation(before, (secret, rotating) =>
      onceMore(secret, rotating, this.#parts.clock.now() + delayMs, isFailure),
    );
  }

  /** It is given up until the next time. */
  endRotation(before: Secret): Promise<void> {
    return this.#onRotation(before, (secret, rotating) => ended(secret, rotating, this.#parts.clock.now()));
  }

  /** Calls back when one of those that are `timed` is another. */
  watch(changed: () => void): { stop(): void } {
    this.#watchers.add(changed);
    return { stop: () => void this.#watchers.delete(changed) };
  }

  #needAny(account: AccountId, id: string): Secret {
    const secret = this.find(account, id);
    if (secret === undefined) throw noSecret();
    return secret;
  }

  /** One that is not there has no turn to wait for. */
  #turnOf(account: AccountId, id: string): string {
    return keyOf(this.#needAny(account, id));
  }

  #onTurn(account: AccountId, id: string, change: (secret: Secret) => Promise<Secret>): Promise<Secret> {
    const key = keyOf(this.need(account, id));
    // Looked at anew in its turn: it may have changed meanwhile.
    return this.#inTurn(key, () => change(this.need(account, id)));
  }

  #onRotation(before: Secret, change: (secret: Secret, rotating: Rotating) => Secret): Promise<void> {
    return this.#inTurn(keyOf(before), async () => {
      const secret = this.#secrets.get(keyOf(before));
      const rotating = secret?.rotating;
      const isSame = rotating?.token === before.rotating?.token && rotating?.step === before.rotating?.step;
      if (secret !== undefined && rotating !== undefined && isSame) await this.#put(change(secret, rotating));
    });
  }

  async #addVersion(
    secret: Secret,
    id: string,
    value: SecretValue,
    stages: readonly string[],
    vault: Vault,
  ): Promise<Secret> {
    const nowMs = this.#parts.clock.now();
    const filled: SecretVersion = { ...emptyVersion(secret, id, nowMs), hasValue: true };
    const sealed = await this.#values.sealed(secret, id, value, vault);
    const isThere = secret.versions.some((version) => version.id === id);
    const versions = isThere
      ? secret.versions.map((version) => (version.id === id ? { ...filled, stages: version.stages } : version))
      : [...forgetDeprecated(secret.versions, nowMs), filled];
    return this.#put({ ...secret, versions: attachStages(versions, id, stages), changedMs: nowMs }, [sealed]);
  }

  #noteRead({ account, name, suffix }: Secret, id: string, todayMs: number): Promise<void> {
    return this.#inTurn(keyOf({ account, name }), async () => {
      const secret = this.#secrets.get(keyOf({ account, name }));
      if (secret?.suffix !== suffix) return;
      const versions = secret.versions.map((version) =>
        version.id === id ? { ...version, accessedMs: todayMs } : version,
      );
      await this.#put({ ...secret, accessedMs: todayMs, versions });
    });
  }

  /** What versions hold goes with them. */
  async #put(secret: Secret, more: readonly Operation[] = []): Promise<Secret> {
    const key = keyOf(secret);
    const kept = new Set(secret.versions.map(({ id }) => id));
    const before = (this.#secrets.get(key)?.versions ?? []).map(({ id }) => id);
    const gone = before.filter((id) => !kept.has(id));
    await this.#parts.records.transact([
      { kind: 'put', key, value: secret },
      ...this.#values.removed(secret, gone),
      ...more,
    ]);
    this.#hold(key, secret);
    return secret;
  }

  async #remove(secret: Secret): Promise<void> {
    const key = keyOf(secret);
    await this.#parts.records.transact([
      { kind: 'delete', key },
      ...this.#values.removed(
        secret,
        secret.versions.map(({ id }) => id),
      ),
    ]);
    this.#hold(key, undefined);
  }

  #hold(key: string, secret: Secret | undefined): void {
    const wasTimed = this.#timed.delete(key);
    const isTimed = secret !== undefined && (secret.deleted ?? secret.rotating ?? secret.rotation) !== undefined;
    if (secret === undefined) this.#secrets.delete(key);
    else this.#secrets.set(key, secret);
    if (isTimed) this.#timed.set(key, secret);
    if (isTimed || wasTimed) for (const changed of this.#watchers) changed();
  }
}
