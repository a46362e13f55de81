/** A template as the sandbox hands it out: the image, and what the one that it was taken of was given. */
import type { RestoreFrame } from '../channel/frame.ts';
import type { IsolatedProcess } from '../process.ts';
import type { Template } from '../../sandbox.ts';
import type { TakenTemplate, Tracer } from './tracer.ts';

type Variables = Readonly<Record<string, string>>;

export class ProcessTemplate implements Template {
  readonly #taken: TakenTemplate;
  readonly #tracer: Tracer;
  readonly #variables: Variables;

  constructor(taken: TakenTemplate, tracer: Tracer, variables: Variables) {
    this.#taken = taken;
    this.#tracer = tracer;
    this.#variables = variables;
  }

  get bytes(): number {
    return this.#taken.bytes;
  }

  /** The process goes on from it, and is told what is another thing in its environment. Errors: `unavailable`. */
  load(process: IsolatedProcess, variables: Variables, encode: (frame: RestoreFrame) => Uint8Array): Promise<void> {
    const { descriptors } = this.#taken;
    return this.#tracer.load(this.#taken, process, encode({ ...difference(this.#variables, variables), descriptors }));
  }

  release(): void {
    this.#tracer.release(this.#taken);
  }
}

function difference(before: Variables, after: Variables): Pick<RestoreFrame, 'set' | 'unset'> {
  const changed = Object.entries(after).filter(([name, value]) => before[name] !== value);
  return { set: Object.fromEntries(changed), unset: Object.keys(before).filter((name) => !(name in after)) };
}
