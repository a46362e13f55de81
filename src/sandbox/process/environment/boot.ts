import type { Socket } from 'node:net';
import { assert } from '../../../util/assert.ts';
import type { Clock, Timer } from '../../../util/clock.ts';
import { PlatformError } from '../../../util/errors.ts';
import type { BootSpec, Failure } from '../../sandbox.ts';
import { TemplateNotLoaded } from '../../template-not-loaded.ts';
import { connectionsMax as insideConnectionsMax } from '../extensions/inside-api.ts';
import type { IsolatedProcess } from '../process.ts';
import { RuntimeTemplate } from '../templates/runtime-template.ts';

/** A runtime boots in a tenth of a second; on a machine this much slower, something else is wrong. */
const bootMsMax = 20_000;
/** Lines that a runtime printed before it failed to boot, kept for the error message. */
const linesMax = 20;
/** Connections from one environment to the platform's endpoint at once: more than an SDK's pool (50) and some spare. */
const connectionsMax = 256;

export type BootOptions = {
  spec: Pick<BootSpec, 'runtime' | 'memory'>;
  process: IsolatedProcess;
  clock: Clock;
  /** From inside, to the platform's endpoint. */
  connected(socket: Socket): void;
  /** Likewise to the Runtime API's address, where the runtime has opened it. */
  connectedInside(socket: Socket): void;
  /** It is not up in time. */
  late(): void;
};

/** How an environment's process comes up: what it must hand over, what it goes on from, and what is said where it does not. */
export class Boot {
  readonly #options: BootOptions;
  readonly #up = Promise.withResolvers<void>();
  readonly #timer: Timer;
  readonly #endpoint: Promise<void>;
  readonly #insideApi: Promise<void>;
  readonly #lines: string[] = [];
  #isImageToBlame = false;

  constructor(options: BootOptions) {
    const { clock, process, connected, connectedInside } = options;
    this.#options = options;
    this.#timer = clock.schedule(bootMsMax, () => options.late());
    this.#endpoint = process.handedOver('api').then((server) => {
      server.maxConnections = connectionsMax;
      server.on('connection', connected);
    });
    this.#insideApi = process.handedOver('runtime-api').then((server) => {
      server.maxConnections = insideConnectionsMax;
      server.on('connection', connectedInside);
    });
    // Without the endpoint, `handedOver` is refused; and if the process is gone, that tells.
    for (const one of [this.#endpoint, this.#insideApi]) one.catch(() => {});
  }

  /** Resolves when its runtime waits for `init`. Errors: `unavailable`. */
  get done(): Promise<void> {
    return this.#up.promise;
  }

  printed(text: string): void {
    if (this.#lines.length < linesMax) this.#lines.push(text);
  }

  /** Resolves when connections to all that it opens inside are heard. Rejects: the endpoint was not handed over. */
  async handedOver(): Promise<void> {
    await this.#endpoint;
    // A runtime that has not opened the Runtime API's address by now goes without.
    await this.#insideApi.catch(() => {});
  }

  /** Resolves when it goes on from the image that it is made for. Undefined: it is for none. Errors: `unavailable`. */
  load(): Promise<void> | undefined {
    const { process, spec } = this.#options;
    if (typeof spec.memory !== 'object') return undefined;
    assert(spec.memory instanceof RuntimeTemplate, 'a template is used where it was made');
    return spec.memory.load(process);
  }

  /** It is that image that could not be used, and nothing else. */
  blameImage(): void {
    this.#isImageToBlame = true;
  }

  /** Its runtime waits for `init`. */
  succeeded(): void {
    this.#timer.cancel();
    this.#up.resolve();
  }

  /** The process is gone: it is not late any more. */
  close(): void {
    this.#timer.cancel();
  }

  /** Nothing, where it was up. */
  failed(why: Failure): void {
    this.#up.reject(this.#failure(why));
  }

  #failure(why: Failure): PlatformError {
    const how =
      why.status === 'timeout'
        ? `was not up within ${bootMsMax} ms`
        : why.status === 'exit'
          ? `ended before it was up (${why.signal ?? `exit code ${why.code ?? 'unknown'}`})`
          : `ended before it was up (${why.status})`;
    const printed = this.#lines.length > 0 ? `; it printed: ${this.#lines.join(' / ')}` : '';
    const message = `the runtime ${this.#options.spec.runtime} ${how}${printed}`;
    return this.#isImageToBlame ? new TemplateNotLoaded(message) : new PlatformError('unavailable', message);
  }
}
