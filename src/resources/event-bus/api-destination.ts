/** HTTP endpoints that events are sent to, and the connections that say with what credentials. */
import type { AccountId } from '../../util/ids.ts';

/** A value that is shown to nobody is kept sealed. */
export type ConnectionParameter = { name: string; value: string; isSecret: boolean };

export type HttpExtras = {
  headers: readonly ConnectionParameter[];
  query: readonly ConnectionParameter[];
  body: readonly ConnectionParameter[];
};

/** Secrets are sealed (`Connections.open`). https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-target-connection-auth.html */
export type ConnectionAuth =
  | { kind: 'API_KEY'; name: string; value: string }
  | { kind: 'BASIC'; username: string; password: string }
  | {
      kind: 'OAUTH_CLIENT_CREDENTIALS';
      endpoint: string;
      method: 'GET' | 'POST' | 'PUT';
      clientId: string;
      clientSecret: string;
      extras: HttpExtras;
    };

export type Connection = {
  account: AccountId;
  name: string;
  description?: string;
  /** Undefined: it was taken away (DeauthorizeConnection). */
  auth?: ConnectionAuth;
  authKind: ConnectionAuth['kind'];
  extras: HttpExtras;
  createdMs: number;
  modifiedMs: number;
  authorizedMs?: number;
  /** The last part of its ARN. */
  id: string;
};

export type ApiDestination = {
  account: AccountId;
  name: string;
  description?: string;
  /** The name of a connection. */
  connection: string;
  /** `*` in its path stands for the target's path parameters, in their order. */
  endpoint: string;
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS';
  ratePerSecond: number;
  /** Whether only addresses of the open internet may be called: a function asked for it. */
  isPublicOnly: boolean;
  createdMs: number;
  modifiedMs: number;
  /** The last part of its ARN. */
  id: string;
};

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-destinations.html */
export const ratePerSecondDefault = 300;
