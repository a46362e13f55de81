/** What entrances have in common at which others post: the path to its binding, the secret, the cause, and refusals told. */
import type { Invoker } from '../../invoke/invoke.ts';
import type { Binding, Bindings } from '../../registry/binding.ts';
import { liveAlias } from '../../registry/function.ts';
import type { Registry } from '../../registry/registry.ts';
import type { Records } from '../../store/records.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import { continuedCause, newCause, type Cause } from '../../util/cause.ts';
import type { Clock } from '../../util/clock.ts';
import type { HttpRequest } from '../../util/http.ts';
import { latestVersion, type EnvironmentId, type Ids, type RequestId } from '../../util/ids.ts';
import type { Asynchronous } from '../asynchronous.ts';
import type { Report } from '../source.ts';

export type IntakeParts = {
  bindings: Bindings;
  registry: Pick<Registry, 'resolve'>;
  invoker: Pick<Invoker, 'runningIn'>;
  asynchronous: Pick<Asynchronous, 'enqueueOperation'>;
  records: Records;
  telemetry: Telemetry;
  requireRoom(): void;
  region: string;
  clock: Clock;
  ids: Ids;
  report: Report;
};

/** Refusals of one entrance are told in its function's log once for each of these. */
const tellEveryMs = 60_000;

export type BoundIntake = Binding & { source: { path: string } };

export type Intake<Bound> = {
  /** Undefined: the request is not for one. */
  find(request: HttpRequest): Bound | undefined;
  /** In the function's log, and seldom: whoever sends rubbish shall not fill it. */
  tell(binding: Binding, what: string, reason: string): void;
};

export function createIntake<Bound extends BoundIntake>(
  bound: () => readonly Bound[],
  { bindings, region, clock, telemetry }: Pick<IntakeParts, 'bindings' | 'region' | 'clock' | 'telemetry'>,
): Intake<Bound> {
  const urlInfix = `.lambda-url.${region}.`;
  let byPath: Map<string, Bound> | undefined;
  let told = new Map<string, { atMs: number; untold: number }>();
  bindings.watch(() => (byPath = undefined));

  /** Older ones stand before newer ones of the same path. */
  function table(): Map<string, Bound> {
    const newestFirst = bound().toSorted((a, b) => b.createdMs - a.createdMs || (a.id < b.id ? 1 : -1));
    const present = new Set(newestFirst.map(({ id }) => id));
    told = new Map([...told].filter(([id]) => present.has(id)));
    return new Map(newestFirst.map((binding) => [binding.source.path, binding]));
  }

  /** Answers how many there were that nobody was told of, where it is time to tell. */
  function timeToTell({ id }: Binding): number | undefined {
    const nowMs = clock.monotonicMs();
    const before = told.get(id);
    if (before !== undefined && nowMs - before.atMs < tellEveryMs) {
      before.untold += 1;
      return undefined;
    }
    told.set(id, { atMs: nowMs, untold: 0 });
    return before?.untold ?? 0;
  }

  return {
    find(request) {
      const binding = (byPath ??= table()).get(request.path);
      return (request.headers.host ?? '').toLowerCase().includes(urlInfix) ? undefined : binding;
    },
    tell(binding, what, reason) {
      const untold = timeToTell(binding);
      if (untold === undefined) return;
      const { account, functionName, qualifier } = binding;
      const more = untold === 0 ? '' : ` ${untold} more were refused since this was said last.`;
      telemetry.emit({
        kind: 'log',
        timeMs: clock.now(),
        account,
        functionName,
        requestId: undefined,
        version: latestVersion,
        environmentId: 'platform' as EnvironmentId,
        origin: 'platform',
        text: `${what}${qualifier === liveAlias ? '' : ` (${qualifier})`} was refused: ${reason}.${more}`,
      });
    },
  };
}

/** Of the version that would run now: what senders share with it is there under one of the names. */
export function secretsOf(
  { account, functionName, qualifier }: Binding,
  names: readonly string[],
  { registry, ids }: Pick<IntakeParts, 'registry' | 'ids'>,
): string[] {
  const resolved = registry.resolve(account, functionName, qualifier, ids.uuid() as RequestId);
  const variables = resolved?.version.settings.environment ?? {};
  return names.flatMap((name) => (Object.hasOwn(variables, name) ? (variables[name] ?? []) : [])).filter(Boolean);
}

export function causeOf(
  request: HttpRequest,
  nowMs: number,
  { invoker, ids }: Pick<IntakeParts, 'invoker' | 'ids'>,
): Cause {
  const running = request.environmentId === undefined ? undefined : invoker.runningIn(request.environmentId);
  return running?.cause ?? continuedCause(request.headers['x-amzn-trace-id']) ?? newCause(nowMs, ids.hex(12));
}
