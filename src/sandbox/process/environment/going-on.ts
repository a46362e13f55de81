import { assert } from '../../../util/assert.ts';
import type { Clock } from '../../../util/clock.ts';
import type { Ahead, Template } from '../../sandbox.ts';
import type { IsolatedProcess } from '../process.ts';
import type { Conversation } from '../runtimes/runtime.ts';
import { ProcessTemplate } from '../templates/process-template.ts';

/** After the first answer: whoever waits for that has the processor first. */
const notePagesMs = 10;

export type GoingOnOptions = {
  process: IsolatedProcess;
  conversation: Pick<Conversation, 'encodeRestore'>;
  clock: Clock;
};

/** How an environment goes on from a version's template: all at once, or with its memory there before anybody calls. */
export class GoingOn {
  readonly #options: GoingOnOptions;
  #ahead: ProcessTemplate | undefined;
  /** Until its first event has been answered. */
  #begun: ProcessTemplate | undefined;

  constructor(options: GoingOnOptions) {
    this.#options = options;
  }

  /** The code is attached, and the memory loaded. */
  get isAhead(): boolean {
    return this.#ahead !== undefined;
  }

  /** Errors: `unavailable`; then the process has ended. */
  async loadAhead({ template, bundlePath, layersPath }: Ahead): Promise<void> {
    assert(
      this.#ahead === undefined && template instanceof ProcessTemplate,
      'a template is used once, where it was made',
    );
    const { process } = this.#options;
    this.#ahead = template;
    process.attachCode(bundlePath, layersPath);
    await template.loadAhead(process);
  }

  /** Resolves when the process does, and will hear what is sent. Undefined: it does already. Errors: `unavailable`. */
  begin(template: Template, variables: Readonly<Record<string, string>>): Promise<void> | undefined {
    const { conversation, process } = this.#options;
    const { encodeRestore } = conversation;
    assert(template instanceof ProcessTemplate && encodeRestore, 'a template is used where it was made');
    this.#begun = template;
    if (this.#ahead === undefined) return template.load(process, variables, encodeRestore);
    assert(this.#ahead === template, 'what was loaded ahead is gone on from');
    process.channel.write(template.frameFor(variables, encodeRestore));
    return undefined;
  }

  /** Its first event has been answered, or another: those that are loaded ahead from now on get the pages ready that the first took. */
  answered(): void {
    const template = this.#begun;
    if (template === undefined) return;
    this.#begun = undefined;
    this.#options.clock.schedule(notePagesMs, () => void template.notePages(this.#options.process));
  }
}
