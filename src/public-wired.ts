/** The public side: routes and function URLs, and before them the paths that take CloudEvents and webhooks. */
import type { Asynchronous } from './events/asynchronous.ts';
import { withCloudEvents } from './events/intake/cloud-events.ts';
import { WebhookDeliveries } from './events/intake/webhook-deliveries.ts';
import { withWebhooks } from './events/intake/webhooks.ts';
import { createGateway, type GatewayOptions } from './gateway/gateway.ts';
import type { Registry } from './registry/registry.ts';
import type { EventBuses } from './resources/event-bus/event-buses.ts';
import type { Records } from './store/records.ts';
import type { HttpHandler } from './util/http.ts';

export type PublicParts = GatewayOptions & {
  registry: Registry;
  records: Records;
  asynchronous: Asynchronous;
  buses: EventBuses;
  /** Throws `unavailable` where nothing new can be kept. */
  requireRoom: () => void;
  report: (message: string, cause: unknown) => void;
};

export async function wirePublic(parts: PublicParts): Promise<HttpHandler> {
  const gateway = createGateway(parts);
  const deliveries = await WebhookDeliveries.open(parts);
  return withWebhooks({ ...parts, deliveries }, withCloudEvents(parts, gateway));
}
