/** Subscriptions as the disk has them: an address that is posted to may have a password in it, or be one itself. */
import type { Sealer } from '../util/sealer.ts';
import type { Subscription } from './topic-subscription.ts';

export type StoredSubscriptions = {
  seal(subscription: Subscription): unknown;
  open(stored: unknown): Subscription;
};

type Stored = Omit<Subscription, 'endpoint'> & { endpoint?: string; sealedEndpoint?: string };

export function storedSubscriptions(sealer: Sealer): StoredSubscriptions {
  return {
    seal({ endpoint, ...subscription }) {
      if (!/^https?:/i.test(endpoint)) return { ...subscription, endpoint };
      return { ...subscription, sealedEndpoint: sealer.seal(endpoint, purposeOf(subscription)) };
    },
    open(stored) {
      const { sealedEndpoint, endpoint = '', ...subscription } = stored as Stored;
      if (sealedEndpoint === undefined) return { ...subscription, endpoint };
      return { ...subscription, endpoint: sealer.open(sealedEndpoint, purposeOf(subscription)) };
    },
  };
}

/** Where nothing is secret: tests. */
export const plainSubscriptions: StoredSubscriptions = {
  seal: (subscription) => subscription,
  open: (stored) => stored as Subscription,
};

const purposeOf = ({ account, id }: Pick<Subscription, 'account' | 'id'>): string =>
  `endpoint of the subscription ${account}/${id}`;
