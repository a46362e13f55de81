/** What subscribers may ask for. */
export const telemetryTypes = ['platform', 'function', 'extension'] as const;
export type TelemetryType = (typeof telemetryTypes)[number];

/** One event of the Telemetry API. https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html */
export type TelemetryRecord = {
  /** `function`, `extension`, or `platform.` and what happened. */
  type: 'function' | 'extension' | `platform.${string}`;
  timeMs: number;
  /** A line, or what is to be said of the event. */
  record: string | Readonly<Record<string, unknown>>;
};

export const typeOf = ({ type }: TelemetryRecord): TelemetryType =>
  type === 'function' || type === 'extension' ? type : 'platform';
