/** Processes of ours: started without a copy of the platform (see child-calls.ts), with streams to it, and reaped. */
import { Socket } from 'node:net';
import { assert } from '../../../util/assert.ts';
import type { ChildCalls, Exit } from './child-calls.ts';
import { HandedOver } from './handed-over.ts';

/** A signal says when one has ended. This keeps the event loop going until then, and would find one that was not told of. */
const lookEveryMs = 1_000;

export class Children implements Disposable {
  readonly #calls: ChildCalls;
  readonly #running = new Map<number, { program: Program; ended: (exit: Exit) => void }>();
  #look: NodeJS.Timeout | undefined;

  constructor(calls: ChildCalls) {
    this.#calls = calls;
    process.on('SIGCHLD', this.#reap);
  }

  /** `words`: the path of a program, and what it is called with; it has no variables. Errors: `unavailable`. */
  start(words: readonly string[]): Child {
    return this.#start(words, {}, childStreams, (...made) => new Child(...made));
  }

  /** The same, of a program that has only the usual three streams. */
  startProgram(words: readonly string[], variables: Readonly<Record<string, string>>): Program {
    return this.#start(words, variables, programStreams, (...made) => new Program(...made));
  }

  /** After all have ended. */
  [Symbol.dispose](): void {
    clearInterval(this.#look);
    process.off('SIGCHLD', this.#reap);
  }

  #start<Kind extends Program>(
    words: readonly string[],
    variables: Readonly<Record<string, string>>,
    streams: number,
    make: (...made: Made) => Kind,
  ): Kind {
    const pairs: [number, number][] = [];
    try {
      while (pairs.length < streams) pairs.push(this.#calls.socketPair());
      const theirs = pairs.map(([, end]) => end);
      const pid = this.#calls.spawn(words, variables, theirs);
      for (const end of theirs) this.#calls.close(end);
      const { promise, resolve: ended } = Promise.withResolvers<Exit>();
      const ours = pairs.splice(0).map(([end]) => end);
      const program = make(pid, ours, promise);
      this.#running.set(pid, { program, ended });
      this.#look ??= setInterval(this.#reap, lookEveryMs);
      return program;
    } finally {
      for (const end of pairs.flat()) this.#calls.close(end);
    }
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
    if (this.#running.size === 0) {
      clearInterval(this.#look);
      this.#look = undefined;
    }
    running.program.over();
    running.ended(exit);
    return true;
  }
}

/** Its number, our ends of its streams, and what comes of it. */
type Made = [pid: number, ends: readonly number[], exited: Promise<Exit>];

/** 0, 1 and 2. */
const programStreams = 3;
/** Those, the channel (3), and what sockets are handed over by (4). */
const childStreams = 5;

export class Program {
  readonly pid: number;
  readonly stdin: Socket;
  readonly stdout: Socket;
  readonly stderr: Socket;
  readonly exited: Promise<Exit>;
  #hasExited = false;

  constructor(...[pid, [stdin, stdout, stderr], exited]: Made) {
    assert(stdin !== undefined && stdout !== undefined && stderr !== undefined, 'a program has three streams');
    this.pid = pid;
    this.exited = exited;
    this.stdin = quiet(new Socket({ fd: stdin, readable: false, writable: true }));
    this.stdout = quiet(new Socket({ fd: stdout, readable: true, writable: false }));
    this.stderr = quiet(new Socket({ fd: stderr, readable: true, writable: false }));
  }

  get hasExited(): boolean {
    return this.#hasExited;
  }

  /** For who reaps it. */
  over(): void {
    this.#hasExited = true;
    this.stdin.destroy();
  }

  /** SIGKILL. Until it has been reaped its number is nobody else's. */
  kill(): void {
    if (!this.#hasExited) process.kill(this.pid, 'SIGKILL');
  }

  /** Nobody reads from it any more. */
  close(): void {
    for (const one of [this.stdin, this.stdout, this.stderr]) one.destroy();
  }
}

export class Child extends Program {
  readonly channel: Socket;
  readonly handedOver: HandedOver;

  constructor(...[pid, ends, exited]: Made) {
    super(pid, ends, exited);
    const [channel, handOver] = ends.slice(programStreams);
    assert(channel !== undefined && handOver !== undefined, 'a child has five streams');
    this.channel = quiet(new Socket({ fd: channel, readable: true, writable: true }));
    this.handedOver = new HandedOver(handOver);
  }

  override close(): void {
    super.close();
    this.channel.destroy();
    this.handedOver.close();
  }
}

/** Talking to a process that has died is no error of ours: that it has, `exited` tells. */
function quiet(socket: Socket): Socket {
  return socket.on('error', () => undefined);
}
