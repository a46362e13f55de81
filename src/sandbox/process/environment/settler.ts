/**
 * Lets the event loop look at every pipe once more before an answer is passed on.
 *
 * An answer comes over one socket, what subprocesses and native code print over others. What was written before the
 * answer is already in the kernel when the answer is read, but perhaps not yet noticed: a `poll` that was under way
 * may have looked at those others earlier. So a task waits for the end of this turn and of the next, which polls
 * everything anew. All environments share the two turns, so that under load they cost next to nothing.
 */
export class Settler {
  #arrived: (() => void)[] = [];
  #polled: (() => void)[] = [];
  #turning = false;

  afterPoll(task: () => void): void {
    this.#arrived.push(task);
    if (this.#turning) return;
    this.#turning = true;
    setImmediate(this.#turn);
  }

  readonly #turn = (): void => {
    const due = this.#polled;
    this.#polled = this.#arrived;
    this.#arrived = [];
    if (this.#polled.length > 0) setImmediate(this.#turn);
    else this.#turning = false;
    for (const task of due) task();
  };
}
