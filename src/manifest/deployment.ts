/** A validated manifest, as the command line sends it and the control API applies it. Complete: no defaults left open. */
import type { BindingSource } from '../registry/binding.ts';
import type { FunctionSettings } from '../registry/function.ts';
import type { QueueSettings } from '../resources/queue-settings.ts';
import type { TableSettings } from '../resources/table/table-settings.ts';

export type DeployedFunction = {
  name: string;
  settings: FunctionSettings;
  /** Whether it has a public URL of its own. */
  url: boolean;
  /** ARNs of the versions of layers that it uses, later ones over earlier ones; absent: none. */
  layers?: readonly string[];
  /** Environments that are kept ready, behind the alias that deployments move; absent: none. */
  provisioned?: number;
  sources: readonly BindingSource[];
  /** Over its bundle's hash, in base64; absent: it is not signed. */
  signature?: string;
};

/** What a manifest says of a queue; its other settings are as they are by default. */
export type DeployedQueue = { name: string } & Pick<QueueSettings, 'visibilityMs' | 'redrive'>;

/** What a manifest says of a table. */
export type DeployedTable = { name: string } & TableSettings;

export type Deployment = {
  /** Names what belongs together: what is in the application but no longer in its deployment is removed. */
  application: string;
  functions: readonly DeployedFunction[];
  buckets: readonly { name: string }[];
  queues: readonly DeployedQueue[];
  /** Absent: none. */
  topics?: readonly { name: string }[];
  /** Absent: none. */
  buses?: readonly { name: string }[];
  /** Absent: none. */
  tables?: readonly DeployedTable[];
};

export type Change = {
  what: 'function' | 'bucket' | 'queue' | 'topic' | 'bus' | 'table' | 'source';
  name: string;
  action: 'created' | 'updated' | 'unchanged' | 'removed';
  /** For people: `version 3 → 4, 12.4 kB`, `GET /hello`. */
  detail: string;
  /** Where to call it, for functions with routes or a URL. */
  urls?: readonly string[];
};
