/** Between the registry, which has the code, and those that use it: what nobody has any more is removed. */
import type { Layers } from './registry/layers.ts';
import type { OpenRegistry } from './registry/open-registry.ts';
import type { OpenRunners } from './runners/open-runners.ts';
import type { Clock, Timer } from './util/clock.ts';

/** A look at every version of every function: a few milliseconds where there are thousands. */
const everyMs = 60_000;

export type CollectOptions = {
  registry: Pick<OpenRegistry, 'collectUnused'>;
  layers: Pick<Layers, 'bundles'>;
  runners: Pick<OpenRunners, 'codeInUse'>;
  clock: Clock;
  report: (message: string, cause: unknown) => void;
};

/** Until it is disposed of, which waits for what is under way. */
export function collectUnusedRegularly({ registry, layers, runners, clock, report }: CollectOptions): AsyncDisposable {
  let timer: Timer;
  let collecting: Promise<unknown> = Promise.resolve();
  let isClosed = false;
  const next = (): void => {
    timer = clock.schedule(everyMs, () => {
      collecting = registry
        .collectUnused({ bundles: layers.bundles(), paths: runners.codeInUse() })
        .catch((error: unknown) => report('code that nobody uses could not be removed', error))
        .finally(() => {
          if (!isClosed) next();
        });
    });
  };
  next();
  return {
    async [Symbol.asyncDispose]() {
      isClosed = true;
      timer.cancel();
      await collecting;
    },
  };
}
