/** A sandbox whose environments run a TypeScript function in this process: for tests of what is round a sandbox. */
import type {
  Ahead,
  BootSpec,
  CodeAhead,
  Environment,
  InitOutcome,
  InitSpec,
  InvokeOutcome,
  InvokeRequest,
  RuntimeRelease,
  Sandbox,
  Template,
} from '../../src/sandbox/sandbox.ts';

export type FakeBehaviour = {
  bootsWithoutCode?: boolean;
  start?: (spec: BootSpec) => Promise<void>;
  expect?: Environment['expect'];
  init?: (spec: InitSpec) => Promise<InitOutcome>;
  loadAhead?: (what: Ahead, environment: Environment) => Promise<void>;
  /** What becomes of code that is read ahead; absent: none is. */
  readAhead?: (what: CodeAhead, environment: Environment) => Promise<void>;
  invoke?: (request: InvokeRequest, environment: Environment) => Promise<InvokeOutcome>;
  /** What an environment holds; 50 MB unless it says. */
  memoryBytes?: (spec: BootSpec) => number | undefined;
  /** See `Environment`. */
  isOnlyOnChannel?: boolean;
  /** What becomes of an environment that is to become a template; absent: there are no templates. */
  template?: () => Template | { refused: string };
  /** Whether those are of runtimes, too. */
  runtimeTemplates?: boolean;
  /** What the machine has, and what is kept of what it had. */
  releases?: { current: RuntimeRelease; kept: Set<string> };
};

export type FakeSandbox = Sandbox & { started: Environment[]; live: Set<Environment> };

export function fakeSandbox(behaviour: FakeBehaviour = {}): FakeSandbox {
  const started: Environment[] = [];
  const live = new Set<Environment>();
  const releases = behaviour.releases ?? { current: { id: '0'.repeat(64), version: '1.0.0' }, kept: new Set() };
  return {
    started,
    live,
    bootsWithoutCode: behaviour.bootsWithoutCode ?? true,
    templateWorthUs: () => 15_000,
    templatesRefused: () => (behaviour.template === undefined ? 'it is a fake' : undefined),
    readsAhead: () => behaviour.readAhead !== undefined,
    bootsFromTemplates: () => behaviour.runtimeTemplates ?? false,
    async start(spec) {
      await behaviour.start?.(spec);
      let ended = (): void => {};
      const environment: Environment = {
        id: spec.id,
        loadAhead: (what) => behaviour.loadAhead?.(what, environment) ?? Promise.resolve(),
        readAhead: (what) => behaviour.readAhead?.(what, environment) ?? Promise.resolve(),
        expect: behaviour.expect ?? (() => {}),
        init: behaviour.init ?? (() => Promise.resolve({ status: 'ready' })),
        room: 1,
        isOnlyOnChannel: behaviour.isOnlyOnChannel ?? false,
        invoke(request) {
          request.began?.();
          return (
            behaviour.invoke?.(request, environment) ?? Promise.resolve({ status: 'response', payload: request.event })
          );
        },
        memoryBytes: () => behaviour.memoryBytes?.(spec) ?? 50_000_000,
        usage: () => Promise.resolve({ memoryBytesMax: 50_000_000, cpuMs: 1 }),
        lateImports: undefined,
        becomeTemplate: async () => {
          await environment.stop();
          return behaviour.template?.() ?? { refused: 'is none' };
        },
        stop() {
          live.delete(environment);
          ended();
          return Promise.resolve();
        },
        ended: new Promise((resolve) => (ended = resolve)),
      };
      started.push(environment);
      live.add(environment);
      return environment;
    },
    runtimes: () => Promise.resolve([]),
    capabilities: () => Promise.resolve([]),
    release: () => Promise.resolve(releases.current),
    keep() {
      releases.kept.add(releases.current.id);
      return Promise.resolve(true);
    },
    hasRelease: (_runtime, id) => id === releases.current.id || releases.kept.has(id),
    keepOnly(_runtime, ids) {
      for (const id of releases.kept) if (!ids.has(id)) releases.kept.delete(id);
      return Promise.resolve();
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
