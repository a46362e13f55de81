/** Tables, from the engine to those who may use them, wired to the rest of the house. */
import type { SideOf } from './aws/authorization.ts';
import { createDynamoDbService } from './aws/dynamodb/dynamodb.ts';
import { createTableOpener } from './aws/dynamodb/open-table.ts';
import { createTableKeys, type TableKeys } from './aws/dynamodb/table-keys.ts';
import type { KeyUse } from './aws/key-use.ts';
import type { AwsService } from './aws/service.ts';
import { resourceTagKeys } from './identity/condition-keys.ts';
import { createDocumentReader } from './identity/policy-document.ts';
import type { Keys } from './resources/key/keys.ts';
import { decrypt } from './resources/key/symmetric.ts';
import { Streams } from './resources/stream/streams.ts';
import { TableStreams } from './resources/stream/table-streams.ts';
import { TableCiphers } from './resources/table/table-ciphers.ts';
import type { Table } from './resources/table/table.ts';
import { Tables } from './resources/table/tables.ts';
import { TransactionTokens } from './resources/table/transaction-tokens.ts';
import type { Records } from './store/records.ts';
import { TableUnits } from './table-units.ts';
import type { Telemetry } from './telemetry/telemetry.ts';
import { parseArn } from './util/arn.ts';
import type { Clock } from './util/clock.ts';
import type { AccountId, Ids } from './util/ids.ts';
import type { Sealer } from './util/sealer.ts';

export type TablesWiredParts = {
  region: string;
  records: Records;
  sealer: Sealer;
  keys: Keys;
  keyUse: (service: string) => KeyUse;
  clock: Clock;
  ids: Ids;
  telemetry: Telemetry;
  report: (message: string, cause: unknown) => void;
};

export type WiredTables = AsyncDisposable & {
  tables: Tables;
  tableStreams: TableStreams;
  /** For who reads a table's stream. */
  unlock: TableKeys['unlock'];
  service: AwsService;
  /** What a table says itself of who may use it. */
  side: SideOf;
};

/** What the account's administrator may always do, so that a policy which keeps everybody out can be changed. */
const keptByAccount: ReadonlySet<string> = new Set([
  'dynamodb:getresourcepolicy',
  'dynamodb:putresourcepolicy',
  'dynamodb:deleteresourcepolicy',
]);

export async function wireTables(parts: TablesWiredParts): Promise<WiredTables> {
  const { region, sealer, keys, keyUse, clock, ids } = parts;
  await using opening = new AsyncDisposableStack();
  const ciphers = new TableCiphers({
    sealer,
    ids,
    openKms: ({ ciphertext, context }) =>
      Promise.resolve(decrypt(keys, Buffer.from(ciphertext, 'base64'), context).plain),
    monotonicMs: () => clock.monotonicMs(),
  });
  const streams = opening.use(await Streams.open(parts));
  const tableStreams = new TableStreams({ streams, ciphers });
  const tables = opening.use(await Tables.open({ ...parts, ciphers, changes: tableStreams }));
  const tokens = await TransactionTokens.open(parts);
  const tableKeys = createTableKeys({ ciphers, keyUse: keyUse('dynamodb'), isUsable: usableKeys(keys), clock });
  const isThere = ({ account, name, id }: Pick<Table, 'account' | 'name' | 'id'>): boolean =>
    tables.get(account, name)?.id === id;
  // Who reads what a deleted table's stream still has needs its key for so long.
  streams.watchGone(({ account, table: name, tableId: id }) => {
    if (!isThere({ account, name, id })) ciphers.drop(id);
  });
  const units = opening.use(new TableUnits({ ...parts, isThere }));
  const opened = opening.move();
  const documentOf = createDocumentReader();

  const side: SideOf = (who, { resource }) => {
    if (!resource.startsWith('arn:aws:dynamodb:')) return undefined;
    const arn = parseArn(resource);
    const [, name, part] = /^table\/([^/]+)(?:\/([a-z]+)\/.+)?$/.exec(arn?.resource ?? '') ?? [];
    // Streams speak for themselves.
    if (arn === undefined || name === undefined || part === 'stream') return undefined;
    const table = tables.get(arn.account as AccountId, name);
    // Of what is not there, the operation says so.
    if (table === undefined) return { account: who.account };
    return {
      account: table.account,
      document: documentOf(table.resourcePolicy ?? {}),
      keptByAccount,
      keys: resourceTagKeys(table.tags),
    };
  };

  return {
    tables,
    tableStreams,
    unlock: tableKeys.unlock,
    service: createDynamoDbService({
      tables,
      tokens,
      openTable: createTableOpener(tables, tableKeys),
      keys: tableKeys,
      used: units.used,
      region,
      clock,
      ids,
    }),
    side,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

const usableKeys =
  (keys: Keys) =>
  (keyArn: string): boolean => {
    const key = keys.byId(keyArn.split('/').at(-1) ?? '');
    return key?.state.kind === 'enabled';
  };
