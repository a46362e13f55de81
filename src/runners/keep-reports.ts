/** What is told of one function's plans: those that are news, and each environment that is started ahead. */
import type { FunctionVersion } from '../registry/function.ts';
import type { KeepPlanned, Telemetry } from '../telemetry/telemetry.ts';
import type { Clock } from '../util/clock.ts';
import type { EnvironmentId } from '../util/ids.ts';
import { keepPlannedLine } from './keep-planned-line.ts';
import { describePlan } from './predict/describe-plan.ts';
import type { Keeper } from './predict/keeper.ts';
import type { KeepCost, KeepPlan } from './predict/plan-keep.ts';
import type { Expected } from './predict/season.ts';

/** Plans that are told: not more often, and only where they differ by more than this share. */
const tellEveryMs = 60_000;
const tellDifference = 0.25;

/** Why one is started ahead: by the season, or by the newest plan. */
export type Ahead = { expected: Expected | undefined; text: string };

/** `version`: whose log it is told in; undefined: nobody's yet. `newest`: the plan made last. */
export type Basis = {
  version: FunctionVersion | undefined;
  cost: KeepCost;
  inputs: Keeper['inputs'];
  newest: KeepPlan | undefined;
};

type Said = Pick<KeepPlanned, 'reason' | 'startedAhead' | 'keepMs' | 'again' | 'season'>;

export class KeepReports {
  readonly #clock: Clock;
  readonly #telemetry: Telemetry;
  #told: { timeMs: number; keepMs: number; reason: string } | undefined;

  constructor(clock: Clock, telemetry: Telemetry) {
    this.#clock = clock;
    this.#telemetry = telemetry;
  }

  planned(basis: Basis, plan: KeepPlan, environmentId: EnvironmentId): void {
    const { keepMs, reason } = plan;
    if (reason === 'fixed' || reason === 'unknown') return;
    const timeMs = this.#clock.now();
    const told = this.#told;
    const isNews =
      told === undefined ||
      told.reason !== reason ||
      Math.abs(told.keepMs - keepMs) > tellDifference * Math.max(told.keepMs, keepMs);
    if (!isNews || (told !== undefined && timeMs - told.timeMs < tellEveryMs)) return;
    this.#told = { timeMs, keepMs, reason };
    this.#emit(basis, environmentId, { ...plan, reason, startedAhead: false }, describePlan(plan));
  }

  startedAhead(basis: Basis, { expected, text }: Ahead, environmentId: EnvironmentId): void {
    const { newest } = basis;
    if (expected !== undefined)
      this.#emit(basis, environmentId, { reason: 'season', startedAhead: true, season: expected }, text);
    else if (newest?.reason === 'histogram' || newest?.reason === 'forecast')
      this.#emit(basis, environmentId, { ...newest, reason: newest.reason, startedAhead: true }, text);
  }

  #emit({ version, cost, inputs }: Basis, environmentId: EnvironmentId, said: Said, text: string): void {
    if (version === undefined) return;
    const { memoryMb, price: priceMbMs, startMs } = cost;
    const { account, name: functionName, version: number, settings } = version;
    const timeMs = this.#clock.now();
    const of = { timeMs, account, functionName, version: number, environmentId };
    const allInputs = { ...inputs, memoryMb, startMs, priceMbMs };
    const planned: KeepPlanned = { kind: 'keep.planned', ...of, ...said, inputs: allInputs, text };
    this.#telemetry.emit(planned);
    const line = keepPlannedLine(planned, settings.logging);
    if (line === undefined) return;
    this.#telemetry.emit({ kind: 'log', origin: 'platform', requestId: undefined, ...of, text: line });
  }
}
