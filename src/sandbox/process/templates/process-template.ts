/** A template as the sandbox hands it out: the image, and what the one that it was taken of was given. */
import type { RestoreFrame } from '../channel/frame.ts';
import type { IsolatedProcess } from '../process.ts';
import type { ImageTemplate } from '../../sandbox.ts';
import type { TakenTemplate, Tracer } from './tracer.ts';

type Variables = Readonly<Record<string, string>>;
type Encode = (frame: RestoreFrame) => Uint8Array;

export class ProcessTemplate implements ImageTemplate {
  readonly kind = 'image';
  readonly #taken: TakenTemplate;
  readonly #tracer: Tracer;
  readonly #variables: Variables;
  #hasNoted = false;

  constructor(taken: TakenTemplate, tracer: Tracer, variables: Variables) {
    this.#taken = taken;
    this.#tracer = tracer;
    this.#variables = variables;
  }

  get bytes(): number {
    return this.#taken.bytes;
  }

  /** The process goes on from it, and is told what is another thing in its environment. Errors: `unavailable`. */
  load(process: IsolatedProcess, variables: Variables, encode: Encode): Promise<void> {
    return this.#tracer.load(this.#taken, process, this.frameFor(variables, encode));
  }

  /** The process goes on from it when it has been told the same, and does nothing before. Errors: `unavailable`. */
  loadAhead(process: IsolatedProcess): Promise<void> {
    return this.#tracer.loadAhead(this.#taken, process);
  }

  /** What tells it. */
  frameFor(variables: Variables, encode: Encode): Uint8Array {
    const { descriptors } = this.#taken;
    return encode({ ...difference(this.#variables, variables), descriptors });
  }

  /** Of the first that has answered an event: those that are loaded ahead get the pages ready that it has used. Never rejects. */
  async notePages(process: IsolatedProcess): Promise<void> {
    if (this.#hasNoted) return;
    this.#hasNoted = true;
    // It may have ended meanwhile: then another tells.
    await this.#tracer.notePages(this.#taken, process).catch(() => (this.#hasNoted = false));
  }

  release(): void {
    this.#tracer.release(this.#taken);
  }
}

function difference(before: Variables, after: Variables): Pick<RestoreFrame, 'set' | 'unset'> {
  const changed = Object.entries(after).filter(([name, value]) => before[name] !== value);
  return { set: Object.fromEntries(changed), unset: Object.keys(before).filter((name) => !(name in after)) };
}
