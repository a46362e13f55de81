/**
 * Rotates secrets by their functions: four steps, one after the other, each a call of the function that is waited for. A
 * step that was done is on disk before the next one; after a crash the step that was under way is called again, under
 * the same request id, as functions for rotations have to bear. And what was deleted goes when its time is over.
 *
 *   begun ─▶ createSecret ─▶ setSecret ─▶ testSecret ─▶ finishSecret ─▶ over
 *               └───────────────┴──────────────┴─────────────┴─▶ failed: again, later; after three times given up
 *
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
 */
import type { InvocationResult } from '../invoke/invoke.ts';
import { rotationWindow } from '../resources/secret/rotation.ts';
import type { Secret } from '../resources/secret/secret.ts';
import type { Secrets } from '../resources/secret/secrets.ts';
import { parseArn } from '../util/arn.ts';
import { newCause } from '../util/cause.ts';
import { derivedUuid, latestVersion, type AccountId, type RequestId } from '../util/ids.ts';
import type { EventSource, SourceContext } from './source.ts';
import { keepTimetable, type Timed } from './timetable.ts';

/** Lambda's attempts of an asynchronous event, and its pauses. https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html */
const attemptsMax = 3;
const retryMs = [60_000, 120_000] as const;
/** What only this machine's load refuses is no failure of the function: it is called again soon, as long as it takes. */
const refusedRetryMs = 5_000;

export function createSecretRotations(secrets: Secrets, retryDelaysMs: readonly number[] = retryMs): EventSource {
  return {
    kind: 'secret',
    async run(context, signal) {
      const rotations = new Rotations(context, secrets, retryDelaysMs);
      await keepTimetable(
        {
          items: () => rotations.items(),
          watch: (changed) => rotations.watch(changed),
          clock: context.clock,
          report: context.report,
        },
        signal,
      );
      await rotations.ended();
    },
  };
}

class Rotations {
  readonly #context: SourceContext;
  readonly #secrets: Secrets;
  readonly #retryDelaysMs: readonly number[];
  /** Steps that are being done, by the secret's ARN. */
  readonly #underWay = new Map<string, Promise<void>>();
  readonly #watchers = new Set<() => void>();

  constructor(context: SourceContext, secrets: Secrets, retryDelaysMs: readonly number[]) {
    this.#context = context;
    this.#secrets = secrets;
    this.#retryDelaysMs = retryDelaysMs;
  }

  *items(): Generator<readonly [string, Timed]> {
    for (const secret of this.#secrets.timed()) {
      const arn = this.#secrets.arn(secret);
      const timed = this.#underWay.has(arn) ? undefined : this.#timed(arn, secret);
      if (timed !== undefined) yield [arn, timed];
    }
  }

  watch(changed: () => void): { stop(): void } {
    const watch = this.#secrets.watch(changed);
    this.#watchers.add(changed);
    return {
      stop: () => {
        watch.stop();
        this.#watchers.delete(changed);
      },
    };
  }

  async ended(): Promise<void> {
    await Promise.all(this.#underWay.values());
  }

  #timed(arn: string, secret: Secret): Timed | undefined {
    const what = `the secret ${secret.name}`;
    const { deleted, rotating } = secret;
    if (deleted !== undefined) return { what, dueMs: deleted.goneMs, run: () => this.#secrets.purge(secret) };
    if (rotating !== undefined) return { what, dueMs: rotating.notBeforeMs, run: () => this.#begin(arn, secret) };
    const window = rotationWindow(secret);
    return window && { what, dueMs: window.startMs, run: () => this.#secrets.rotateNow(secret) };
  }

  /** Not waited for: a function may take a quarter of an hour, and other secrets are due. */
  #begin(arn: string, secret: Secret): Promise<void> {
    const step = this.#step(arn, secret)
      .catch((cause: unknown) =>
        this.#context.report(`a rotation of the secret ${secret.name} could not be gone on with`, cause),
      )
      .finally(() => {
        this.#underWay.delete(arn);
        for (const changed of this.#watchers) changed();
      });
    this.#underWay.set(arn, step);
    return Promise.resolve();
  }

  async #step(arn: string, secret: Secret): Promise<void> {
    const { rotating, rotation } = secret;
    if (rotating === undefined || rotation === undefined) return;
    const result = await this.#invoke(arn, rotation.functionArn, rotating);
    switch (result.status) {
      case 'ok':
        await result.over;
        await this.#secrets.stepDone(secret);
        return;
      case 'throttled':
      case 'unavailable':
        await this.#secrets.stepAgain(secret, refusedRetryMs, false);
        return;
      case 'function_error':
      case 'not_found':
      case 'recursion': {
        const failures = rotating.failures + 1;
        const why = result.status === 'function_error' ? result.error.errorType : result.message;
        const isOver = failures >= attemptsMax || result.status !== 'function_error';
        const delayMs = this.#retryDelaysMs[Math.min(failures, this.#retryDelaysMs.length) - 1] ?? 0;
        await (isOver ? this.#secrets.endRotation(secret) : this.#secrets.stepAgain(secret, delayMs, true));
        if (isOver)
          this.#context.report(`the rotation of the secret ${secret.name} was given up in ${rotating.step}`, why);
      }
    }
  }

  #invoke(
    arn: string,
    functionArn: string,
    { token, step, failures }: NonNullable<Secret['rotating']>,
  ): Promise<InvocationResult> {
    const { invoker, clock, ids } = this.#context;
    const parsed = parseArn(functionArn);
    const [, functionName = '', qualifier = latestVersion] = parsed?.resource.split(':') ?? [];
    return invoker.invoke({
      requestId: derivedUuid('rotation', arn, token, step, String(failures)) as RequestId,
      account: (parsed?.account ?? '') as AccountId,
      functionName,
      qualifier,
      event: Buffer.from(JSON.stringify({ Step: step, SecretId: arn, ClientRequestToken: token })),
      source: 'secret',
      cause: newCause(clock.now(), ids.hex(12)),
      attempt: failures + 1,
    });
  }
}
