/** For tests: a control API that answers what it is told to, and a world in which commands run and are read. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { authenticateForTest } from './rig-signature.ts';
import { FakeClock } from '../util/fake-clock.ts';
import type { Host, World } from './command.ts';
import { runCommandLine } from './run-command-line.ts';

export type ReceivedCall = { method: string; path: string; query: Record<string, string>; body: Buffer };

/** Bytes are sent as they are, everything else as JSON; `lines` as NDJSON, kept open when `isOpen`. */
export type Answer = { status?: number; json?: unknown; lines?: readonly unknown[]; isOpen?: boolean };

export type RunOptions = {
  environment?: Record<string, string>;
  isTty?: boolean;
  stdin?: string;
  folder?: string;
  host?: Partial<Host>;
  /** Called with what asks the command to stop. */
  onStart?: (stop: () => void) => void;
  onWrite?: (text: string) => void;
};

export type Ran = { code: number; stdout: string; stderr: string };

export class CliRig implements AsyncDisposable {
  /** The project's folder, and the working folder. */
  readonly folder: string;
  readonly home: string;
  readonly calls: ReceivedCall[] = [];
  /** By `GET functions`, without the query. */
  readonly answers = new Map<string, Answer | ((call: ReceivedCall) => Answer)>();
  /** For what is not in `answers`; undefined answers 404. */
  otherwise: (call: ReceivedCall) => Answer | undefined = () => undefined;
  readonly clock = new FakeClock(Date.UTC(2026, 0, 15, 12));
  readonly #server: Server;
  readonly #root: string;

  constructor() {
    this.#root = realpathSync(mkdtempSync(join(tmpdir(), 'mayfly-cli-')));
    this.folder = join(this.#root, 'shop');
    this.home = join(this.#root, 'home');
    mkdirSync(this.folder);
    mkdirSync(this.home);
    this.#server = createServer((request, response) => {
      void (async () => {
        const body = await buffer(request);
        const url = new URL(request.url ?? '', 'http://localhost');
        const call = {
          method: request.method ?? '',
          path: url.pathname.replace('/_mayfly/', ''),
          query: Object.fromEntries(url.searchParams),
          body,
        };
        const problem = authenticateForTest(request, body, this.clock.now());
        if (problem !== undefined) {
          response.writeHead(403).end(JSON.stringify({ error: { code: 'unauthenticated', message: problem } }));
          return;
        }
        this.calls.push(call);
        const found = this.answers.get(`${call.method} ${call.path}`);
        const answer = typeof found === 'function' ? found(call) : (found ?? this.otherwise(call));
        if (answer === undefined) {
          response
            .writeHead(404)
            .end(JSON.stringify({ error: { code: 'not_found', message: `there is no ${call.path}` } }));
        } else if (answer.lines !== undefined) {
          response.writeHead(200, { 'content-type': 'application/x-ndjson' });
          for (const line of answer.lines) response.write(`${JSON.stringify(line)}\n`);
          if (answer.isOpen !== true) response.end();
        } else {
          response.writeHead(answer.status ?? 200).end(answer.json === undefined ? '' : JSON.stringify(answer.json));
        }
      })();
    });
  }

  /** Starts the control API, and leaves its address in the project's data folder. */
  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const { port } = this.#server.address() as AddressInfo;
    this.write({
      '.mayfly/endpoint.json': JSON.stringify({
        apiPort: port,
        httpPort: 8080,
        listen: '127.0.0.1',
        pid: process.pid,
        mode: 'serve',
      }),
      '.mayfly/credentials': '[default]\naws_access_key_id = AKIATEST\naws_secret_access_key = secret\n',
    });
    this.answers.set('GET platform', {
      json: { version: '0.1.0', account: '000000000000', region: 'us-east-1', limits: 'lambda', mode: 'serve' },
    });
    return this;
  }

  get apiPort(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  write(files: Readonly<Record<string, string>>): void {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.folder, path)), { recursive: true });
      writeFileSync(join(this.folder, path), text);
    }
  }

  called(method: string, path: string): ReceivedCall[] {
    return this.calls.filter((call) => call.method === method && call.path === path);
  }

  async run(words: readonly string[], options: RunOptions = {}): Promise<Ran> {
    const { environment = {}, isTty = false, stdin = '', folder = this.folder, host = {}, onStart, onWrite } = options;
    const ran = { stdout: '', stderr: '' };
    const listeners = new Set<() => void>();
    const terminal = (stream: 'stdout' | 'stderr'): World['stdout'] => ({
      write: (text) => {
        ran[stream] += text;
        onWrite?.(text);
      },
      isTty,
      width: isTty ? 100 : undefined,
    });
    const unused = (): never => {
      throw new Error('this test gives the command no platform of its own');
    };
    const world: World = {
      environment,
      workingFolder: folder,
      homeFolder: this.home,
      stdout: terminal('stdout'),
      stderr: terminal('stderr'),
      readStdin: () => Promise.resolve(Buffer.from(stdin)),
      clock: this.clock,
      host: { openPlatform: unused, inspectHost: unused, installRuntime: unused, ...host },
      onStop: (listener) => {
        listeners.add(listener);
        return { remove: () => void listeners.delete(listener) };
      },
      exit: unused,
    };
    onStart?.(() => {
      for (const listener of listeners) listener();
    });
    const code = await runCommandLine(words, world);
    return { code, ...ran };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#server.listening) {
      this.#server.closeAllConnections();
      await new Promise((resolve) => this.#server.close(resolve));
    }
    rmSync(this.#root, { recursive: true, force: true });
  }
}
