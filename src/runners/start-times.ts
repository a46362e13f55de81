/** How long starts of one version took lately, with what was made of its classes and without: what decides which way the next one goes. */
export class StartTimes {
  readonly #anewUs: number[] = [];
  readonly #archivedUs: number[] = [];

  /** An ordinary initialisation, of an environment that was up. */
  tookAnew(initUs: number): void {
    note(this.#anewUs, initUs);
  }

  /** From its boot to the end of its initialisation: it is booted while somebody waits. */
  tookWithArchive(us: number): void {
    note(this.#archivedUs, us);
  }

  /**
   * `isReady`: an environment that is booted already could be taken instead. Where none is, one is booted in any case. The
   * quickest of each counts: others were delayed by what else the machine did.
   */
  archiveIsCheaper(isReady: boolean): boolean {
    if (!isReady || this.#archivedUs.length < triesMin || this.#anewUs.length === 0) return true;
    return Math.min(...this.#archivedUs) < Math.min(...this.#anewUs);
  }
}

/** Of each kind: what was long ago was another machine. */
const keptMax = 5;
/** The first of a kind on a busy machine says little. */
const triesMin = 3;

function note(times: number[], us: number): void {
  times.push(us);
  if (times.length > keptMax) times.shift();
}
