import { PlatformError } from '../util/errors.ts';
import { jsonResponse, linesResponse, type Call, type ControlContext, type Endpoint } from './endpoint.ts';

function monthOf(context: ControlContext, call: Call): string {
  const asked = call.query.get('month');
  if (asked === null || asked === '') return new Date(context.clock.now()).toISOString().slice(0, 7);
  if (/^\d{4}-(0[1-9]|1[0-2])$/.test(asked)) return asked;
  throw new PlatformError('invalid_argument', `the query's month is '${asked}'; accepted: a month such as 2026-01`, {
    field: 'month',
  });
}

/** Of what has settled; who counts waits for rows that are on their way, though not for ever. */
export const getBill: Endpoint = async (context, call) => {
  const month = monthOf(context, call);
  return jsonResponse(await context.bill(call.account, month));
};

export const getUsage: Endpoint = async (context, call) => {
  const month = monthOf(context, call);
  return linesResponse(context.usage(call.account, month));
};
