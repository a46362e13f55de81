/** Processes of ours: started without a copy of the platform (see child-calls.ts), each with five streams to it, and reaped. */
import { Socket } from 'node:net';
import { assert } from '../../../util/assert.ts';
import type { ChildCalls, Exit } from './child-calls.ts';
import { HandedOver } from './handed-over.ts';

export class Children implements Disposable {
  readonly #calls: ChildCalls;
  readonly #running = new Map<number, { child: Child; ended: (exit: Exit) => void }>();

  constructor(calls: ChildCalls) {
    this.#calls = calls;
    process.on('SIGCHLD', this.#reap);
  }

  /** `words`: the path of a program, and what it is called with. Errors: `unavailable`. */
  start(words: readonly string[]): Child {
    const pairs: [number, number][] = [];
    try {
      while (pairs.length < streamsEach) pairs.push(this.#calls.socketPair());
      const pid = this.#calls.spawn(
        words,
        pairs.map(([, theirs]) => theirs),
      );
      const { promise, resolve: ended } = Promise.withResolvers<Exit>();
      const ours = pairs.splice(0).map(([end, theirs]) => {
        this.#calls.close(theirs);
        return end;
      });
      const child = new Child(pid, ours, promise);
      this.#running.set(pid, { child, ended });
      return child;
    } finally {
      for (const end of pairs.flat()) this.#calls.close(end);
    }
  }

  /** After all have ended. */
  [Symbol.dispose](): void {
    process.off('SIGCHLD', this.#reap);
  }

  /** One signal may stand for several. */
  readonly #reap = (): void => {
    for (let pid = this.#calls.anyEnded(); pid !== undefined; pid = this.#calls.anyEnded()) {
      if (this.#reapOne(pid)) continue;
      // Those that Node.js has started are its own to reap; ours may be behind one of them.
      for (const own of this.#running.keys()) this.#reapOne(own);
      return;
    }
  };

  #reapOne(pid: number): boolean {
    const running = this.#running.get(pid);
    const exit = running === undefined ? undefined : this.#calls.reap(pid);
    if (running === undefined || exit === undefined) return false;
    this.#running.delete(pid);
    running.child.stdin.destroy();
    running.ended(exit);
    return true;
  }
}

/** A process has these from its start: 0, 1, 2, the channel (3), and what sockets are handed over by (4). */
const streamsEach = 5;

export class Child {
  readonly pid: number;
  readonly stdin: Socket;
  readonly stdout: Socket;
  readonly stderr: Socket;
  readonly channel: Socket;
  readonly handedOver: HandedOver;
  readonly exited: Promise<Exit>;
  #hasExited = false;

  /** `ends`: of its streams, here. */
  constructor(pid: number, ends: readonly number[], exited: Promise<Exit>) {
    const [stdin, stdout, stderr, channel, handOver] = ends;
    assert(
      stdin !== undefined &&
        stdout !== undefined &&
        stderr !== undefined &&
        channel !== undefined &&
        handOver !== undefined,
      'a process has all of its streams',
    );
    this.pid = pid;
    this.stdin = new Socket({ fd: stdin, readable: false, writable: true });
    this.stdout = new Socket({ fd: stdout, readable: true, writable: false });
    this.stderr = new Socket({ fd: stderr, readable: true, writable: false });
    this.channel = new Socket({ fd: channel, readable: true, writable: true });
    this.handedOver = new HandedOver(handOver);
    // Talking to a process that has died is no error of ours: that it has, `exited` tells.
    for (const one of [this.stdin, this.stdout, this.stderr, this.channel]) one.on('error', () => undefined);
    this.exited = exited;
    void exited.then(() => (this.#hasExited = true));
  }

  get hasExited(): boolean {
    return this.#hasExited;
  }

  /** SIGKILL. Until it has been reaped its number is nobody else's. */
  kill(): void {
    if (!this.#hasExited) process.kill(this.pid, 'SIGKILL');
  }

  /** Nobody reads from it any more. */
  close(): void {
    for (const one of [this.stdin, this.stdout, this.stderr, this.channel]) one.destroy();
    this.handedOver.close();
  }
}
