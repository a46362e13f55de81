/** Pipes, kept. What they carry is events/pipe.ts. */
import { scan, type Records } from '../../store/records.ts';
import type { Clock } from '../../util/clock.ts';
import { PlatformError } from '../../util/errors.ts';
import type { AccountId, Ids } from '../../util/ids.ts';
import { createInTurn, type InTurn } from '../../util/in-turn.ts';
import type { Pipe, PipeSettings } from './pipe.ts';

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html#eb-pipes-limits */
const pipesMax = 1_000;
const prefix = 'pipe/';
const keyOf = (account: AccountId, name: string): string => `${prefix}${account}/${name}`;

export class Pipes {
  readonly #parts: { records: Records; clock: Clock; ids: Ids };
  readonly #inTurn: InTurn = createInTurn();
  readonly #pipes = new Map<string, Pipe>();
  readonly #watchers = new Set<() => void>();

  private constructor(parts: { records: Records; clock: Clock; ids: Ids }) {
    this.#parts = parts;
  }

  static async open(parts: { records: Records; clock: Clock; ids: Ids }): Promise<Pipes> {
    const pipes = new Pipes(parts);
    for await (const { key, value } of scan(parts.records, prefix)) pipes.#pipes.set(key, value as Pipe);
    return pipes;
  }

  get(account: AccountId, name: string): Pipe | undefined {
    return this.#pipes.get(keyOf(account, name));
  }

  need(account: AccountId, name: string): Pipe {
    const pipe = this.get(account, name);
    if (pipe !== undefined) return pipe;
    throw new PlatformError('not_found', `Pipe ${name} does not exist.`, { reason: 'NotFoundException' });
  }

  /** By name. */
  list(account: AccountId): readonly Pipe[] {
    return [...this.#pipes.values()]
      .filter((pipe) => pipe.account === account)
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Of every account. */
  all(): Iterable<Pipe> {
    return this.#pipes.values();
  }

  create(account: AccountId, name: string, settings: PipeSettings, tags: Pipe['tags']): Promise<Pipe> {
    return this.#inTurn(keyOf(account, name), () => {
      if (this.get(account, name) !== undefined)
        throw new PlatformError('already_exists', `Pipe ${name} already exists.`, { reason: 'ConflictException' });
      if (this.list(account).length >= pipesMax)
        throw new PlatformError('conflict', `The account has ${pipesMax} pipes, and no more are accepted.`, {
          reason: 'ServiceQuotaExceededException',
        });
      const { clock, ids } = this.#parts;
      const nowMs = clock.now();
      return this.#put({ account, name, settings, tags, createdMs: nowMs, modifiedMs: nowMs, life: ids.hex(8) });
    });
  }

  /** `change` answers what is different. Throws `not_found`. */
  update(
    account: AccountId,
    name: string,
    change: (pipe: Pipe) => Partial<Pick<Pipe, 'settings' | 'tags'>>,
  ): Promise<Pipe> {
    return this.#inTurn(keyOf(account, name), () => {
      const pipe = this.need(account, name);
      return this.#put({ ...pipe, ...change(pipe), modifiedMs: this.#parts.clock.now() });
    });
  }

  /** Throws `not_found`. */
  delete(account: AccountId, name: string): Promise<Pipe> {
    return this.#inTurn(keyOf(account, name), async () => {
      const pipe = this.need(account, name);
      await this.#parts.records.transact([{ kind: 'delete', key: keyOf(account, name) }]);
      this.#pipes.delete(keyOf(account, name));
      this.#changed();
      return pipe;
    });
  }

  /** Calls back when a pipe was made, changed or deleted. */
  watch(changed: () => void): { stop(): void } {
    this.#watchers.add(changed);
    return { stop: () => void this.#watchers.delete(changed) };
  }

  async #put(pipe: Pipe): Promise<Pipe> {
    const key = keyOf(pipe.account, pipe.name);
    await this.#parts.records.transact([{ kind: 'put', key, value: pipe }]);
    this.#pipes.set(key, pipe);
    this.#changed();
    return pipe;
  }

  #changed(): void {
    for (const changed of this.#watchers) changed();
  }
}
