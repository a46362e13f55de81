/** API destinations, which targets and pipes call over HTTP, and the connections that say as whom. */
import type { Records } from '../../store/records.ts';
import type { AccountId } from '../../util/ids.ts';
import type { ApiDestination, Connection } from './api-destination.ts';
import { missing, NamedThings, taken } from './named-things.ts';
import { ruleLimits } from './rule.ts';

export class ApiDestinations {
  readonly #connections: NamedThings<Connection>;
  readonly #destinations: NamedThings<ApiDestination>;

  private constructor(connections: NamedThings<Connection>, destinations: NamedThings<ApiDestination>) {
    this.#connections = connections;
    this.#destinations = destinations;
  }

  /** `changed`: called after each change. */
  static async open(parts: { records: Records; changed: () => void }): Promise<ApiDestinations> {
    return new ApiDestinations(
      await NamedThings.open({ ...parts, kind: 'bus-connection' }),
      await NamedThings.open({ ...parts, kind: 'bus-destination' }),
    );
  }

  connection(account: AccountId, name: string): Connection | undefined {
    return this.#connections.get(account, name);
  }

  connections(account: AccountId): readonly Connection[] {
    return this.#connections.list(account);
  }

  needConnection(account: AccountId, name: string): Connection {
    return (
      this.connection(account, name) ??
      missing(`Failed to describe the connection(s). Connection '${name}' does not exist.`)
    );
  }

  createConnection(connection: Connection): Promise<Connection> {
    const { account, name } = connection;
    return this.#connections.inTurn(account, name, () => {
      if (this.connection(account, name) !== undefined) throw taken(`Connection ${name} already exists.`);
      this.#connections.checkCount(account, ruleLimits.connectionsMax, 'connections');
      return this.#connections.put(connection);
    });
  }

  updateConnection(
    account: AccountId,
    name: string,
    change: (connection: Connection) => Connection,
  ): Promise<Connection> {
    return this.#connections.inTurn(account, name, () =>
      this.#connections.put(change(this.needConnection(account, name))),
    );
  }

  async deleteConnection(account: AccountId, name: string): Promise<Connection> {
    return this.#connections.inTurn(account, name, async () => {
      const connection = this.needConnection(account, name);
      await this.#connections.delete(account, name);
      return connection;
    });
  }

  destination(account: AccountId, name: string): ApiDestination | undefined {
    return this.#destinations.get(account, name);
  }

  destinations(account: AccountId): readonly ApiDestination[] {
    return this.#destinations.list(account);
  }

  /** Of every account. */
  allDestinations(): readonly ApiDestination[] {
    return this.#destinations.all();
  }

  needDestination(account: AccountId, name: string): ApiDestination {
    return (
      this.destination(account, name) ??
      missing(`Failed to describe the api-destination(s). An api-destination '${name}' does not exist.`)
    );
  }

  createDestination(destination: ApiDestination): Promise<ApiDestination> {
    const { account, name } = destination;
    return this.#destinations.inTurn(account, name, () => {
      if (this.destination(account, name) !== undefined) throw taken(`An api-destination '${name}' already exists.`);
      this.needConnection(account, destination.connection);
      this.#destinations.checkCount(account, ruleLimits.destinationsMax, 'API destinations');
      return this.#destinations.put(destination);
    });
  }

  updateDestination(
    account: AccountId,
    name: string,
    change: (destination: ApiDestination) => ApiDestination,
  ): Promise<ApiDestination> {
    return this.#destinations.inTurn(account, name, () => {
      const changed = change(this.needDestination(account, name));
      this.needConnection(account, changed.connection);
      return this.#destinations.put(changed);
    });
  }

  deleteDestination(account: AccountId, name: string): Promise<void> {
    return this.#destinations.inTurn(account, name, async () => {
      this.needDestination(account, name);
      await this.#destinations.delete(account, name);
    });
  }
}
