/** A line of output as a line of JSON, and back. Account and function are in the file's path. */
import type { AccountId } from '../util/ids.ts';
import type { LogLine } from './telemetry.ts';

/** Strings put together rather than an object made: this is done for every line that a function prints. Ids are ours, and plain. */
export function textOfLine(line: LogLine): string {
  const request = line.requestId === undefined ? '' : `,"requestId":"${line.requestId}"`;
  return `{"timeMs":${line.timeMs},"origin":"${line.origin}","version":"${line.version}","environmentId":"${line.environmentId}"${request},"text":${JSON.stringify(line.text)}}\n`;
}

type Stored = Omit<LogLine, 'kind' | 'account' | 'functionName' | 'requestId'> & { requestId?: LogLine['requestId'] };

/** Undefined for what is none: a line that a crash cut off. */
export function parseLine(text: string, account: AccountId, functionName: string): LogLine | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || typeof (value as Partial<Stored>).timeMs !== 'number')
    return undefined;
  const { timeMs, origin, version, environmentId, requestId, text: printed } = value as Stored;
  return {
    kind: 'log',
    timeMs,
    account,
    functionName,
    version,
    environmentId,
    requestId,
    origin,
    text: String(printed),
  };
}
