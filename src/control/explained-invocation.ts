import { phasesOf, type UsageRow } from '../metering/usage-row.ts';
import type { EnvironmentRecord } from '../starts/environment-record.ts';
import { coldUs } from '../starts/durations.ts';
import { isWaitedFor, type Phases } from '../telemetry/telemetry.ts';
import { PlatformError } from '../util/errors.ts';
import type { VersionId } from '../util/ids.ts';
import { jsonResponse, numberQuery, parameter, type Call, type ControlContext, type Endpoint } from './endpoint.ts';
import { endText, explainStart } from './explain-start.ts';
import type { AttemptView, EnvironmentView } from './views.ts';

/** As every entrance makes them; a part of one is its end, as the lines of a log show it. */
const requestIdLength = 36;
const endLengthMin = 4;

/** Code that takes this long to load would have much of a template. */
const worthATemplateUs = 50_000;

const noPhases: Phases = { queueUs: 0, placeUs: 0, provisionUs: 0, initUs: 0, handlerUs: 0, replyUs: 0 };

function environmentView(context: ControlContext, record: EnvironmentRecord): EnvironmentView {
  const { ended, ...life } = record;
  const { start, reason, functionName, version, startedMs: timeMs, packageBytes } = record;
  const { why } = explainStart({ start, reason, functionName, version, timeMs, phases: noPhases, packageBytes });
  return {
    ...life,
    why,
    ...(ended !== undefined && { ended: { ...ended, why: endText(ended.reason, ended.detail) } }),
    ...(ended === undefined && record.startedMs < context.startedMs && { isLost: true }),
  };
}

const hadTemplate = (start: UsageRow['start']): boolean => start === 'template' || start === 'archive';

async function attemptView(context: ControlContext, call: Call, row: UsageRow): Promise<AttemptView> {
  const { attempt, functionName, version, source, status, start, billedMs, memoryMb, timeMs, startReason } = row;
  const phases = phasesOf(row);
  const totalUs = coldUs(phases) + phases.handlerUs + phases.replyUs;
  const { environmentId: id, environmentStartedMs: startedMs } = row;
  const record =
    id === undefined || startedMs === undefined
      ? undefined
      : await context.starts.history.find(call.account, startedMs, id);
  const mayHaveTemplate = isWaitedFor(start) && !hadTemplate(start) && phases.initUs >= worthATemplateUs;
  const explained = explainStart({
    start,
    reason: startReason,
    functionName,
    version,
    timeMs: timeMs - totalUs / 1_000,
    phases,
    packageBytes: record?.packageBytes,
    noTemplate: mayHaveTemplate ? context.whyNoTemplate(call.account, functionName, version as VersionId) : undefined,
  });
  return {
    attempt,
    functionName,
    version,
    source,
    status,
    receivedMs: Math.round(timeMs - totalUs / 1_000),
    settledMs: timeMs,
    ...(row.acceptedMs !== undefined && { acceptedMs: row.acceptedMs }),
    start,
    ...(startReason !== undefined && { startReason }),
    ...explained,
    phases,
    totalUs,
    billedMs,
    memoryMb,
    ...(record !== undefined && { environment: environmentView(context, record) }),
  };
}

/** Of any invocation that has settled, also before a restart. The id's end will do for one of the last thousand. */
export const getInvocation: Endpoint = async (context, call) => {
  const asked = parameter(call, 'requestId');
  const isPart = asked.length >= endLengthMin && asked.length < requestIdLength;
  const requestId = (isPart ? context.recent.endingWith(call.account, asked) : undefined) ?? asked;
  const rows = await context.attempts(call.account, requestId);
  if (rows.length === 0) {
    const hint = isPart
      ? 'the end of an id finds one of the last 1,000 since the platform started; the whole id finds any'
      : 'it is known once its first attempt is over; what was refused before it ran is not kept';
    throw new PlatformError('not_found', `no invocation with the request id '${asked}' is known: ${hint}`, {
      field: 'requestId',
    });
  }
  const attempts = await Promise.all(rows.map((row) => attemptView(context, call, row)));
  return jsonResponse({ requestId, attempts });
};

export const listEnvironments: Endpoint = async (context, call) => {
  const limit = numberQuery(call, 'limit', { min: 1, max: 1_000, otherwise: 20 });
  const sinceMs = numberQuery(call, 'since', { min: 0, max: Number.MAX_SAFE_INTEGER, otherwise: 0 });
  const functionName = call.query.get('function') ?? undefined;
  const records = await context.starts.history.latestWaitedFor(call.account, { functionName, sinceMs, limit });
  return jsonResponse({ environments: records.map((record) => environmentView(context, record)) });
};
