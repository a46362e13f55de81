/**
 * What one function's idle environments have taught, and the plans made from it. Environments are used last in, first
 * out, so those that lie deeper are called for more seldom: each depth has a history of its own, depths beyond the
 * first few together.
 */
import { forecastIdle, type IdleForecast } from './forecast-idle.ts';
import { IdleHistory, type WrittenHistory } from './idle-history.ts';
import { betterOf, planByForecast, planByHistogram, type KeepCost, type KeepPlan, type Worth } from './plan-keep.ts';

/** 0, 1, 2 to 3, 4 to 7 … environments lie idle below it. */
const depthsMax = 8;
/** The histogram is looked at again once it has grown by this share: a busy function's does not change with each call. */
const newShare = 1 / 16;

/** Where the histogram leaves less than this share of a cold start to gain, a forecast is not worth making. */
const gainShareMin = 0.002;
/** What a first forecast is taken to be worth. */
const trustInFirst = 0.9;

type Depth = {
  history: IdleHistory;
  byHistogram: Worth | undefined;
  addedSince: number;
  /** The last one made, and how those before it fared. */
  forecast: IdleForecast | undefined;
  forecasts: number;
  cameTrue: number;
};

/** `undefined` for a depth of which nothing is known is written as null. */
export type WrittenPlanner = readonly ((WrittenHistory & Pick<Depth, 'forecasts' | 'cameTrue'>) | null)[];

export class KeepPlanner {
  readonly #depths: (Depth | undefined)[] = [];

  /** `below`: idle environments that will be used after it. */
  plan(below: number, cost: KeepCost): KeepPlan {
    const depth = this.#depth(below);
    if (depth.byHistogram === undefined || depth.addedSince > depth.history.weight * newShare) {
      depth.byHistogram = planByHistogram(depth.history, cost);
      depth.addedSince = 0;
    }
    const { byHistogram } = depth;
    depth.forecast =
      byHistogram.worth < cost.price * (1 - gainShareMin) ? forecastIdle(depth.history.recent) : undefined;
    if (depth.forecast === undefined) return byHistogram.plan;
    const share = (depth.cameTrue + trustInFirst) / (depth.forecasts + 1);
    return betterOf(byHistogram, planByForecast(depth.forecast, share, cost));
  }

  /** One that had `below` others under it was called for after so long, whether or not it was still there. */
  observe(below: number, idleMs: number): void {
    const depth = this.#depth(below);
    if (depth.forecast !== undefined) {
      const { fromMs, untilMs } = depth.forecast;
      depth.forecasts += 1;
      if (idleMs >= fromMs && idleMs <= untilMs) depth.cameTrue += 1;
    }
    depth.history.add(idleMs);
    depth.addedSince += 1;
  }

  /** What a plan for the depth above `below` others is made from. */
  known(below: number): { calls: number; forecasts: number; cameTrue: number } {
    const { history, forecasts, cameTrue } = this.#depth(below);
    return { calls: Math.round(history.weight), forecasts, cameTrue };
  }

  write(): WrittenPlanner {
    return Array.from(this.#depths, (depth) =>
      depth === undefined ? null : { ...depth.history.write(), forecasts: depth.forecasts, cameTrue: depth.cameTrue },
    );
  }

  static read(written: WrittenPlanner): KeepPlanner {
    const planner = new KeepPlanner();
    for (const [index, one] of written.slice(0, depthsMax).entries())
      if (one !== null)
        planner.#depths[index] = {
          ...emptyDepth(IdleHistory.read(one)),
          forecasts: one.forecasts,
          cameTrue: one.cameTrue,
        };
    return planner;
  }

  #depth(below: number): Depth {
    const index = Math.min(depthsMax - 1, Math.ceil(Math.log2(below + 1)));
    return (this.#depths[index] ??= emptyDepth(new IdleHistory()));
  }
}

const emptyDepth = (history: IdleHistory): Depth => ({
  history,
  byHistogram: undefined,
  addedSince: 0,
  forecast: undefined,
  forecasts: 0,
  cameTrue: 0,
});
