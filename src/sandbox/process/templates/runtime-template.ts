/** The image of a runtime that is up and has no code yet: who goes on from it need not boot. */
import type { ImageTemplate } from '../../sandbox.ts';
import type { IsolatedProcess } from '../process.ts';
import type { TakenTemplate, Tracer } from './tracer.ts';

export class RuntimeTemplate implements ImageTemplate {
  readonly kind = 'image';
  readonly #taken: TakenTemplate;
  readonly #tracer: Tracer;

  constructor(taken: TakenTemplate, tracer: Tracer) {
    this.#taken = taken;
    this.#tracer = tracer;
  }

  get bytes(): number {
    return this.#taken.bytes;
  }

  /** The process waits for `init` then. Errors: `unavailable`. */
  load(process: IsolatedProcess): Promise<void> {
    return this.#tracer.load(this.#taken, process, Buffer.alloc(0));
  }

  release(): void {
    this.#tracer.release(this.#taken);
  }
}
