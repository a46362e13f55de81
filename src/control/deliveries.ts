import { outcomeOf, type DeliveryNode } from '../deliveries/delivery-history.ts';
import { PlatformError } from '../util/errors.ts';
import { jsonResponse, numberQuery, parameter, type Endpoint } from './endpoint.ts';

export type DeliveryView = DeliveryNode & { outcome: string };

const view = (node: DeliveryNode): DeliveryView => ({ ...node, outcome: outcomeOf(node) });

export const listDeliveries: Endpoint = async (context, call) => {
  const limit = numberQuery(call, 'limit', { min: 1, max: 1_000, otherwise: 50 });
  const functionName = call.query.get('function');
  const deliveries = await context.deliveries.list(call.account, {
    place: functionName === null ? undefined : `function ${functionName}`,
    source: call.query.get('source') ?? undefined,
    outcome: call.query.get('outcome') ?? undefined,
    limit,
  });
  return jsonResponse({ deliveries: deliveries.map(view) });
};

/** Of a request, a message, an event, or a change of an object: all that is known to belong to it, oldest first. */
export const getDelivery: Endpoint = async (context, call) => {
  const id = parameter(call, 'id');
  const story = await context.deliveries.story(call.account, id);
  if (story.length === 0)
    throw new PlatformError(
      'not_found',
      `no delivery with the id '${id}' is known; those of seven days are, a second after they happen, as far as a day has not too many`,
      { field: 'id' },
    );
  return jsonResponse({ id, deliveries: story.map(view) });
};
