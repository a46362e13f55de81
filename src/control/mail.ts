import { PlatformError } from '../util/errors.ts';
import { jsonResponse, parameter, type Endpoint } from './endpoint.ts';
import type { MailView } from './views.ts';
import type { Mail } from '../resources/mail.ts';

/** What one page gives: what the mailbox has. */
const limitMax = 1_000;
const limitDefault = 50;

const viewOf = ({ id, direction, timeMs, from, subject, bytes, recipients }: Mail): MailView => ({
  id,
  direction,
  timeMs,
  from,
  subject,
  bytes,
  recipients: Object.entries(recipients).map(([address, fate]) => ({
    address,
    state: fate.state,
    ...('detail' in fate && fate.detail !== undefined && { detail: fate.detail }),
  })),
});

/** The newest first. */
export const listMails: Endpoint = (context, call) => {
  const asked = call.query.get('limit') ?? String(limitDefault);
  const limit = /^\d{1,4}$/.test(asked) ? Number(asked) : 0;
  if (limit < 1 || limit > limitMax) {
    throw new PlatformError('invalid_argument', `limit is '${asked}'; accepted: a number from 1 to ${limitMax}`, {
      field: 'limit',
    });
  }
  return Promise.resolve(jsonResponse({ mails: context.mails.list(call.account, limit).map(viewOf) }));
};

/** With all that went over the wire, as text. */
export const getMail: Endpoint = async (context, call) => {
  const id = parameter(call, 'id');
  const mail = context.mails.get(call.account, id);
  const raw = mail === undefined ? undefined : await context.mails.raw(call.account, id);
  if (mail === undefined || raw === undefined)
    throw new PlatformError('not_found', `there is no mail '${id}' in the mailbox`, { field: 'id' });
  return jsonResponse({ ...viewOf(mail), raw: raw.toString() });
};
