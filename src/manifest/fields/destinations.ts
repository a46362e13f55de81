/** `destinations: { onFailure: { url: https://… } }`: where records of asynchronous events are posted, as CloudEvents. */
import {
  destinationModes,
  isDestinationUrl,
  urlAccepts,
  urlLengthMax,
  type HttpDestination,
  type HttpDestinations,
} from '../../registry/http-destination.ts';
import { defaulted, object, optional, required } from '../shape/compound.ts';
import { choice, text } from '../shape/scalar.ts';
import { refine, type Shape } from '../shape/shape.ts';
import { intakeVariable } from './intake-fields.ts';

const [structured, binary, batched] = destinationModes;

const destination: Shape<HttpDestination> = refine(
  object(
    {
      url: required(
        text({ pattern: new RegExp(`https?://[^\\s]{1,${urlLengthMax - 8}}`), accepts: urlAccepts }),
        'Where it is posted.',
        'url: https://example.com/events',
      ),
      mode: defaulted(
        choice({ words: { structured, binary, batched }, accepts: destinationModes.join(', ') }),
        structured,
        structured,
        "CloudEvents' mode over HTTP.",
      ),
      token: optional(intakeVariable, 'The variable of the function that goes along as Authorization: Bearer.'),
    },
    {
      accepts: 'a map of url, mode and token',
      hints: { secret: 'it is called token', arn: 'only addresses are accepted here' },
    },
  ),
  ({ url, mode, token }, found, report): HttpDestination | undefined => {
    if (isDestinationUrl(url)) return { url, mode, ...(token !== undefined && { token }) };
    report(found, `url is '${url}'; ${urlAccepts} is accepted`);
    return undefined;
  },
);

export const destinations: Shape<HttpDestinations> = refine(
  object(
    {
      onSuccess: optional(destination, 'Of events that succeeded.'),
      onFailure: optional(destination, 'Of events that were given up.'),
    },
    { accepts: 'a map of onSuccess and onFailure' },
  ),
  ({ onSuccess, onFailure }): HttpDestinations => ({
    ...(onSuccess !== undefined && { onSuccess }),
    ...(onFailure !== undefined && { onFailure }),
  }),
);
