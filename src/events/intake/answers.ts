/** What senders are answered, whatever they send. */
import { retryAfter, type HttpResponse } from '../../util/http.ts';

/** When it is worth sending again what could not be kept. */
const unavailableRetryMs = 5_000;

export const answer = (
  status: number,
  message: string,
  headers: HttpResponse['headers'] = {},
  more: Readonly<Record<string, unknown>> = {},
): HttpResponse => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify({ message, ...more }),
});
export const tooLarge = (): HttpResponse => answer(413, 'Request Too Long');
export const unavailable = (): HttpResponse => answer(503, 'Service Unavailable', retryAfter(unavailableRetryMs));
