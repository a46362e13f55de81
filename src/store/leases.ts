/**
 * The store's fourth port: who may do a thing that only one may do at a time, across processes and machines.
 * Every successful `acquire` has a token larger than all before it for that name: a write fenced with an old token
 * must be refused by whoever receives it.
 */
export type Lease = { name: string; holder: string; token: number; expiresMs: number };

export interface Leases {
  /** Undefined while another holder's lease lasts. The same holder gets a new token. */
  acquire(name: string, holder: string, ttlMs: number): Promise<Lease | undefined>;
  /** False: it was lost meanwhile. */
  renew(lease: Lease, ttlMs: number): Promise<boolean>;
  release(lease: Lease): Promise<void>;
}
