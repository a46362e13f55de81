/** The stream of what happened, and the sinks that keep or count all of it. */
import { join } from 'node:path';
import { Meter } from './metering/meter.ts';
import type { Records } from './store/records.ts';
import { openLogFiles } from './telemetry/log-files.ts';
import { LogTails } from './telemetry/log-tail.ts';
import { Metrics } from './telemetry/metrics.ts';
import { Telemetry } from './telemetry/telemetry.ts';
import type { Clock } from './util/clock.ts';
import { within } from './util/within.ts';

export type TelemetryParts = {
  dataFolder: string;
  records: Records;
  clock: Clock;
  log: (message: string) => void;
};

export type WiredTelemetry = AsyncDisposable & {
  telemetry: Telemetry;
  logs: ReturnType<typeof openLogFiles>;
  logTails: LogTails;
  metrics: Metrics;
  meter: Meter;
};

/** What telemetry still holds at the end is written, unless the disk refuses for this long. */
export const flushMsMax = 10_000;

export function wireTelemetry({ dataFolder, records, clock, log }: TelemetryParts): WiredTelemetry {
  const telemetry = new Telemetry();
  const logs = openLogFiles({ folder: join(dataFolder, 'logs'), clock, onError: log });
  const logTails = new LogTails();
  const metrics = new Metrics();
  const meter = new Meter({ records, clock, onError: log });
  for (const sink of [logs, metrics, meter, logTails]) telemetry.attach(sink);
  return {
    telemetry,
    logs,
    logTails,
    metrics,
    meter,
    async [Symbol.asyncDispose]() {
      const isWritten = await within(flushMsMax, telemetry.flush(), clock);
      if (!isWritten) log('the disk takes nothing: the last usage rows of synchronous calls are lost');
    },
  };
}
