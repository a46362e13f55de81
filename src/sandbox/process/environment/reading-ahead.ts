import type { CodeAhead } from '../../sandbox.ts';
import type { IsolatedProcess } from '../process.ts';
import type { Conversation } from '../runtimes/runtime.ts';
import { processVariables } from '../runtimes/variables.ts';
import { CompiledTemplate } from './compiled-template.ts';

export type ReadingAheadOptions = {
  process: Pick<IsolatedProcess, 'attachCode'>;
  conversation: Pick<Conversation, 'readAhead'>;
};

/** How an environment comes to a version's code before anybody calls it, where its runtime can read that and run nothing of it. */
export class ReadingAhead {
  readonly #options: ReadingAheadOptions;
  readonly #done = Promise.withResolvers<void>();
  #isAttached = false;
  #told: CodeAhead | undefined;
  #isOver = false;

  constructor(options: ReadingAheadOptions) {
    this.#options = options;
  }

  /** Its code is in place. */
  get isAttached(): boolean {
    return this.#isAttached;
  }

  /** What its runtime has been told; undefined: nothing. */
  get told(): CodeAhead | undefined {
    return this.#told;
  }

  /** Resolves when its runtime has done what it can, which may be nothing. Once. */
  async begin(what: CodeAhead): Promise<void> {
    const { conversation, process } = this.#options;
    const { bundlePath, layersPath, template, variables, version } = what;
    process.attachCode(bundlePath, layersPath);
    this.#isAttached = true;
    const compiled = template instanceof CompiledTemplate ? { compiled: template.code } : {};
    const { handler } = version.settings;
    const all = { ...processVariables(version), ...variables };
    if (conversation.readAhead?.({ handler, variables: all, ...compiled }) !== true) return;
    this.#told = what;
    await this.#done.promise;
  }

  /** Answers how that was out of turn: ends the sentence "its channel carried …". */
  hasRead(): string | undefined {
    if (this.#told === undefined || this.#isOver) return 'a report of code that nobody waits for';
    this.#isOver = true;
    this.#done.resolve();
    return undefined;
  }
}
