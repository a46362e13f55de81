/** A plan for environments that nobody uses, as a line of its function's log. */
import type { LoggingSettings } from '../registry/function.ts';
import { isShown, platformJson, type PlatformRecord } from '../telemetry/platform-record.ts';
import type { KeepPlanned } from '../telemetry/telemetry.ts';

/** Undefined: the log shows nothing as slight as this. */
export function keepPlannedLine(planned: KeepPlanned, logging: LoggingSettings | undefined): string | undefined {
  const { timeMs, environmentId, reason, startedAhead, inputs, text } = planned;
  if (logging?.format === 'json') {
    const { keepMs, again, season } = planned;
    // A type of ours: AWS has none for it.
    const record: PlatformRecord = {
      type: 'platform.keepPlanned',
      level: 'INFO',
      record: {
        environmentId,
        reason,
        startedAhead,
        ...(keepMs !== undefined && { keepMs }),
        ...(again !== undefined && { again }),
        ...(season !== undefined && { season }),
        ...inputs,
      },
    };
    return isShown(record, logging.systemLevel) ? platformJson(record, timeMs) : undefined;
  }
  const { calls, forecasts, cameTrue, memoryMb, startMs } = inputs;
  const by =
    reason === 'forecast'
      ? `rhythm (${cameTrue} of ${forecasts} came true)`
      : reason === 'season'
        ? 'season'
        : 'pauses';
  return `${startedAhead ? 'PREWARM' : 'KEEP'}  ${text}  By: ${by}  Pauses: ${calls}  Memory: ${Math.round(memoryMb)} MB  Start: ${Math.round(startMs)} ms`;
}
