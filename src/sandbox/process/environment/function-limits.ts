import { limits } from '../../../util/limits.ts';
import type { IsolatedProcess } from '../process.ts';

/**
 * What an environment's processes may have for the sake of its function. Its memory is limited before its code is loaded, its
 * share of the processors after: while it is initialised it may compute as it can, as on Lambda.
 */
export class FunctionLimits {
  readonly #process: Pick<IsolatedProcess, 'limit' | 'setGreedy'>;
  readonly #besidesMb: number;
  #memoryMb: number | undefined;
  /** Of the processors. */
  #cpu = 0;
  #isCpuLimited = false;

  /** `besidesMb`: memory for what runs there besides the function. */
  constructor(process: Pick<IsolatedProcess, 'limit' | 'setGreedy'>, besidesMb: number) {
    this.#process = process;
    this.#besidesMb = besidesMb;
  }

  /** To what the function has. Where that was known before its code is, this has been done when it comes. */
  limitMemory(memoryMb: number): void {
    this.#cpu = memoryMb / limits.memoryMbPerCpu;
    if (this.#memoryMb === memoryMb) return;
    this.#memoryMb = memoryMb;
    this.#process.limit({ memoryMb: memoryMb + this.#besidesMb });
  }

  /** It is to load its code, and may compute as it can; where its share was limited before that, because nobody waited. */
  freeCpu(): void {
    if (!this.#isCpuLimited) return;
    this.#isCpuLimited = false;
    this.#process.limit({ cpu: Infinity });
  }

  /** To what goes with that memory; once, until it is free again. */
  limitCpu(): void {
    if (this.#isCpuLimited) return;
    this.#isCpuLimited = true;
    this.#process.limit({ cpu: this.#cpu });
  }

  setGreedy(isGreedy: boolean): void {
    // One that is greedy has no share that could be set.
    this.limitCpu();
    this.#process.setGreedy(isGreedy, this.#cpu);
  }
}
