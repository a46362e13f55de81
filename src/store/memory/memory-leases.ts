import type { Clock } from '../../util/clock.ts';
import { checkMs, checkName } from '../encode-operations.ts';
import type { Lease, Leases } from '../leases.ts';
import type { Counter } from './open-memory-store.ts';

export class MemoryLeases implements Leases {
  readonly #clock: Clock;
  readonly #counter: Counter;
  readonly #leases = new Map<string, Lease>();

  constructor(clock: Clock, counter: Counter) {
    this.#clock = clock;
    this.#counter = counter;
  }

  async acquire(name: string, holder: string, ttlMs: number): Promise<Lease | undefined> {
    checkName('lease name', name);
    checkName('holder', holder);
    checkMs('ttlMs', ttlMs);
    const present = this.#leases.get(name);
    if (present !== undefined && present.holder !== holder && present.expiresMs > this.#clock.now()) return undefined;
    const lease = { name, holder, token: this.#counter.next(), expiresMs: Math.ceil(this.#clock.now() + ttlMs) };
    this.#leases.set(name, lease);
    return { ...lease };
  }

  async renew(lease: Lease, ttlMs: number): Promise<boolean> {
    checkMs('ttlMs', ttlMs);
    const present = this.#leases.get(lease.name);
    if (present?.token !== lease.token || present.expiresMs <= this.#clock.now()) return false;
    present.expiresMs = Math.ceil(this.#clock.now() + ttlMs);
    return true;
  }

  async release(lease: Lease): Promise<void> {
    if (this.#leases.get(lease.name)?.token === lease.token) this.#leases.delete(lease.name);
  }
}
