import type { Clock } from '../../../util/clock.ts';
import { never } from '../../../util/assert.ts';
import type { Template } from '../../sandbox.ts';
import type { IsolatedProcess } from '../process.ts';
import type { Runtime } from '../runtimes/runtime.ts';
import { ProcessTemplate } from '../templates/process-template.ts';
import type { Tracer } from '../templates/tracer.ts';
import type { ClassArchives } from './class-archives.ts';
import { CompiledPieces } from './compiled-pieces.ts';
import { compiledTemplate } from './compiled-template.ts';

export type TemplateMakingOptions = {
  kind: Runtime['makesTemplates'];
  process: IsolatedProcess;
  /** Those that it is initialised with. */
  variables: Readonly<Record<string, string>>;
  clock: Clock;
  tracer: Tracer;
  archives: ClassArchives | undefined;
};

/** The making of a template out of an environment, from when it begins to load the code: what its process tells of that, and what comes of it. */
export class TemplateMaking {
  readonly #options: TemplateMakingOptions;
  readonly #compiled = new CompiledPieces();
  readonly #beganMs: number;
  /** What loading its code took of the processors: the first piece comes when that is done, whatever else the machine does. */
  #loadUs: number | undefined;

  constructor(options: TemplateMakingOptions) {
    this.#options = options;
    this.#beganMs = this.#passedMs();
  }

  /** What it has made of the code, or a piece of it. Answers how that was out of turn: ends the sentence "its channel carried …". */
  compiled(code: Uint8Array): string | undefined {
    const inPieces = this.#options.kind === 'class-archive';
    if (this.#loadUs !== undefined && !inPieces) return 'compiled code that nobody waits for';
    this.#loadUs ??= (this.#passedMs() - this.#beganMs) * 1_000;
    if (inPieces && code.byteLength === 0) return 'an empty piece of compiled code';
    return this.#compiled.add(code) ? undefined : 'more compiled code than is taken';
  }

  /** Once it is initialised. `stop`: ends the environment. As `Environment.becomeTemplate`. */
  async take(bytesMax: number, stop: () => Promise<void>): Promise<Template | { refused: string }> {
    const { archives, kind, process, tracer, variables } = this.#options;
    switch (kind) {
      case 'compiled-code':
        return compiledTemplate(this.#compiled.pieces[0], bytesMax);
      case 'class-archive':
        await stop();
        return (
          (await archives?.keep(this.#compiled, this.#loadUs ?? 0, bytesMax)) ?? { refused: 'has nowhere to keep it' }
        );
      case 'image': {
        const taken = await tracer.take(process, bytesMax);
        return 'refused' in taken ? taken : new ProcessTemplate(taken, tracer, variables);
      }
      case undefined:
        return { refused: 'is of a runtime that makes none' };
      default:
        return never(kind);
    }
  }

  /** Of its processes' time, or, where nobody counts it, of all. */
  #passedMs(): number {
    return this.#options.process.cpuMs() ?? this.#options.clock.monotonicMs();
  }
}
