/**
 * Moves messages out of dead-letter queues, a step at a time, until all that were there are moved or somebody cancels.
 *
 * Every step is one commit of the log, and the task's record says after it how far it is: a platform that dies in
 * between moves on from there when it starts again. No message is in both queues, or in none, whenever that is.
 */
import { scan, type Operation, type Records } from '../../store/records.ts';
import type { Log } from '../../store/log.ts';
import type { Clock } from '../../util/clock.ts';
import { PlatformError } from '../../util/errors.ts';
import type { AccountId, Ids } from '../../util/ids.ts';
import type { Queue, Queues } from '../queue.ts';
import { isActive, moveLimits, nextStep, type MoveTask } from './move-task.ts';

type Parts = {
  records: Records;
  log: Log;
  queues: Queues;
  clock: Clock;
  ids: Ids;
  /** A step failed, and is tried again. */
  report: (message: string, cause: unknown) => void;
};

const prefix = 'queue-move/';
/** After the store refused a step. */
const retryMs = 1_000;

export class QueueMoves implements AsyncDisposable {
  readonly #parts: Parts;
  /** By key: in the order in which they were started. */
  readonly #tasks = new Map<string, MoveTask>();
  readonly #running = new Set<Promise<void>>();
  readonly #stop = new AbortController();

  private constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Goes on with what was under way. */
  static async open(parts: Parts): Promise<QueueMoves> {
    const moves = new QueueMoves(parts);
    for await (const { key, value } of scan(parts.records, prefix)) moves.#tasks.set(key, value as MoveTask);
    for (const [key, task] of moves.#tasks) if (isActive(task)) moves.#run(key);
    return moves;
  }

  /** Durable once resolved. Throws `conflict` where one is under way, `throttled` where there are too many. */
  async start(source: Queue, destination: Queue | undefined, perSecondMax: number | undefined): Promise<MoveTask> {
    const { account, name, topic } = source;
    if (this.list(source).some(isActive)) {
      throw new PlatformError(
        'conflict',
        'There is already a task running. Only one active task is allowed for a source queue arn at a given time.',
        { reason: 'InvalidParameterValue', field: 'SourceArn' },
      );
    }
    if ([...this.#tasks.values()].filter(isActive).length >= moveLimits.activeMax) {
      throw new PlatformError('throttled', `More than ${moveLimits.activeMax} tasks move messages at the same time.`, {
        reason: 'OverLimit',
      });
    }
    const { clock, ids, queues, records } = this.#parts;
    const startedMs = clock.now();
    const task: MoveTask = {
      id: ids.uuid(),
      account,
      source: name,
      sourceTopic: topic,
      ...(destination && { destination: destination.name }),
      ...(perSecondMax !== undefined && { perSecondMax }),
      startedMs,
      status: 'running',
      moved: 0,
      toMove: (await queues.depth(account, name)).ready,
    };
    const key = `${prefix}${account}/${name}/${String(startedMs).padStart(15, '0')}-${task.id}`;
    const forgotten = this.#entries(account, name).slice(0, 1 - moveLimits.tasksOfSourceMax);
    const operations: Operation[] = forgotten.map(([old]) => ({ kind: 'delete', key: old }));
    await records.transact([...operations, { kind: 'put', key, value: task }]);
    for (const [old] of forgotten) this.#tasks.delete(old);
    this.#tasks.set(key, task);
    this.#run(key);
    return task;
  }

  /** Those of the queue, the newest first. */
  list({ account, name, topic }: Queue): readonly MoveTask[] {
    return this.#entries(account, name)
      .map(([, task]) => task)
      .filter(({ sourceTopic }) => sourceTopic === topic)
      .toReversed();
  }

  /** Nothing more is moved once resolved. Answers what it had come to; undefined: no such task is running. */
  async cancel(account: AccountId, id: string): Promise<MoveTask | undefined> {
    const [key] = [...this.#tasks].find(([, task]) => task.account === account && task.id === id) ?? [];
    const task = key === undefined ? undefined : this.#tasks.get(key);
    if (key === undefined || task?.status !== 'running') return undefined;
    return this.#write(key, { status: 'cancelling' });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#running);
  }

  #entries(account: AccountId, name: string): [string, MoveTask][] {
    return [...this.#tasks]
      .filter(([key]) => key.startsWith(`${prefix}${account}/${name}/`))
      .sort(([a], [b]) => (a < b ? -1 : 1));
  }

  async #write(key: string, change: Partial<MoveTask>): Promise<MoveTask | undefined> {
    const present = this.#tasks.get(key);
    if (present === undefined) return undefined;
    const task = { ...present, ...change };
    // Read by whoever looks before it is on disk: a step that is counted is counted for everybody.
    this.#tasks.set(key, task);
    await this.#parts.records.transact([{ kind: 'put', key, value: task }]);
    return task;
  }

  #run(key: string): void {
    const ended = this.#moveAll(key).finally(() => void this.#running.delete(ended));
    this.#running.add(ended);
  }

  async #moveAll(key: string): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const task = this.#tasks.get(key);
      if (task === undefined || !isActive(task)) return;
      try {
        const pauseMs = await this.#step(key, task);
        if (pauseMs > 0) await this.#pause(pauseMs);
      } catch (cause) {
        this.#parts.report(`messages of ${task.source} could not be moved; trying again`, cause);
        await this.#pause(retryMs);
      }
    }
  }

  /** Answers how long to wait before the next. */
  async #step(key: string, task: MoveTask): Promise<number> {
    const { log, queues, ids } = this.#parts;
    if (task.status === 'cancelling') {
      await this.#write(key, { status: 'cancelled' });
      return 0;
    }
    const source = queues.get(task.account, task.source);
    const target = task.destination === undefined ? undefined : queues.get(task.account, task.destination);
    if (source?.topic !== task.sourceTopic || (task.destination !== undefined && target === undefined)) {
      await this.#write(key, { status: 'failed', failure: 'AWS.SimpleQueueService.NonExistentQueue' });
      return 0;
    }
    const { messages, pauseMs } = nextStep(task);
    const moved =
      messages === 0
        ? 0
        : await log.move(source.topic, {
            max: messages,
            ids: Array.from({ length: messages }, () => ids.uuid()),
            ...(target === undefined ? { origins: queues.all().map(({ topic }) => topic) } : { to: target.topic }),
          });
    // Somebody may have cancelled it meanwhile.
    const done = (this.#tasks.get(key)?.moved ?? 0) + moved;
    if (moved > 0 && done < task.toMove) await this.#write(key, { moved: done });
    else await this.#end(key, task, done, source);
    return pauseMs;
  }

  async #end(key: string, task: MoveTask, moved: number, source: Queue): Promise<void> {
    const { ready } = await this.#parts.queues.depth(source.account, source.name);
    const isStuck = moved < task.toMove && ready > 0;
    // What is left was sent there by somebody, or its queue is gone.
    if (isStuck && task.destination === undefined)
      await this.#write(key, { moved, status: 'failed', failure: 'CouldNotDetermineMessageSource' });
    else await this.#write(key, { moved, status: 'completed' });
  }

  #pause(pauseMs: number): Promise<void> {
    const { signal } = this.#stop;
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const over = (): void => {
        timer.cancel();
        signal.removeEventListener('abort', over);
        resolve();
      };
      const timer = this.#parts.clock.schedule(pauseMs, over);
      signal.addEventListener('abort', over);
    });
  }
}
