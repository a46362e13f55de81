import type { Resolved } from '../registry/registry.ts';
import type { FailedInit, Pause } from '../runners/runners.ts';
import type { InvocationSettled, Telemetry } from '../telemetry/telemetry.ts';
import type { Clock } from '../util/clock.ts';
import type { EnvironmentId } from '../util/ids.ts';
import type { FailedInitReport } from './failure.ts';
import type { Invocation } from './invoke.ts';
import { endLines, initReportLines, pauseLines, startLines } from './platform-lines.ts';

/** What the platform has to say of invocations, into the logs of their functions. */
export class InvocationLog {
  readonly #telemetry: Telemetry;
  readonly #clock: Clock;

  constructor({ telemetry, clock }: { telemetry: Telemetry; clock: Clock }) {
    this.#telemetry = telemetry;
    this.#clock = clock;
  }

  start(invocation: Invocation, resolved: Resolved, environmentId: EnvironmentId): void {
    const { settings, version } = resolved.version;
    const { requestId, cause } = invocation;
    const timeMs = this.#clock.now();
    const lines = startLines({ requestId, version, traceId: cause.traceId, timeMs }, settings.logging);
    for (const text of lines) this.line(invocation, resolved, environmentId, timeMs, text);
  }

  end(invocation: Invocation, resolved: Resolved, settled: InvocationSettled): void {
    for (const text of endLines(settled, resolved.version.settings.logging))
      this.line(invocation, resolved, settled.environmentId, settled.timeMs, text);
  }

  failedInit(
    invocation: Invocation,
    resolved: Resolved,
    failed: FailedInitReport & Pick<FailedInit, 'environmentId'>,
  ): void {
    const timeMs = this.#clock.now();
    for (const text of initReportLines(failed, resolved.version.settings.logging, timeMs))
      this.line(invocation, resolved, failed.environmentId, timeMs, text);
  }

  pause(invocation: Invocation, resolved: Resolved, environmentId: EnvironmentId, pause: Pause): void {
    const timeMs = this.#clock.now();
    const lines = pauseLines({ requestId: invocation.requestId, pause, timeMs }, resolved.version.settings.logging);
    for (const text of lines) this.line(invocation, resolved, environmentId, timeMs, text);
  }

  line(invocation: Invocation, resolved: Resolved, environmentId: EnvironmentId, timeMs: number, text: string): void {
    const { account, requestId } = invocation;
    const { name: functionName, version } = resolved.version;
    this.#telemetry.emit({
      kind: 'log',
      timeMs,
      account,
      functionName,
      version,
      environmentId,
      requestId,
      origin: 'platform',
      text,
    });
  }
}
