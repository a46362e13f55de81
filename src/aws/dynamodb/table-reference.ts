/** Which table a call is about, and what it needs permission for. https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html */
import type { ConditionContext } from '../../identity/policy-document.ts';
import type { KeyValue } from '../../resources/table/key-text.ts';
import { invalidTable } from '../../resources/table/table-errors.ts';
import { indexArn, tableArn } from '../../resources/table/table.ts';
import { parseArn } from '../../util/arn.ts';
import type { AccountId } from '../../util/ids.ts';
import { validationException } from '../constraints.ts';
import type { Access, AwsContext } from '../service.ts';

export type TableReference = { account: AccountId; name: string };

const tableNamePattern = /^[a-zA-Z0-9_.-]{3,255}$/;

/** `text`: a name, or an ARN, also of another account's table. Errors: ValidationException. */
export function tableReference(
  { account, region }: Pick<AwsContext, 'account' | 'region'>,
  text: string | undefined,
): TableReference {
  if (text === undefined)
    throw invalidTable("The parameter 'TableName' is required but was not present in the request");
  if (!text.startsWith('arn:')) {
    checkTableName(text);
    return { account, name: text };
  }
  const arn = parseArn(text);
  const [, name] = /^table\/([^/]+)$/.exec(arn?.resource ?? '') ?? [];
  if (arn?.service !== 'dynamodb' || arn.region !== region || name === undefined || !tableNamePattern.test(name))
    throw invalidTable(`Invalid TableArn: Invalid ResourceArn provided as input ${text}`, 'TableName');
  return { account: arn.account as AccountId, name };
}

function checkTableName(name: string): void {
  if (tableNamePattern.test(name)) return;
  const rules = [
    ...(/^[a-zA-Z0-9_.-]*$/.test(name) ? [] : ['satisfy regular expression pattern: [a-zA-Z0-9_.-]+']),
    ...(name.length > 255 ? ['have length less than or equal to 255'] : []),
    ...(name.length < 3 ? ['have length greater than or equal to 3'] : []),
  ];
  throw validationException(
    rules.map((rule) => `Value '${name}' at 'tableName' failed to satisfy constraint: Member must ${rule}`),
  );
}

/** On the table that `text` names. */
export function onTable(
  context: AwsContext,
  action: string,
  text: string | undefined,
  conditions?: ConditionContext,
): Access {
  return {
    action: `dynamodb:${action}`,
    resource: tableArn(context.region, tableReference(context, text)),
    ...(conditions !== undefined && { conditions }),
  };
}

/** Of what a request for items says, as policies may ask for it. Absent: the request does not say. */
export type ItemConditions = {
  /** Partition keys that it names. */
  leadingKeys?: readonly KeyValue[];
  /** Top-level attributes that it names, those of keys included. */
  attributes?: readonly string[];
  select?: string | undefined;
  returnValues?: string | undefined;
  returnConsumedCapacity?: string | undefined;
  /** For `dynamodb:EnclosingOperation`, of what is a part of a transaction. */
  enclosing?: string;
};

/** On items: of the table, or of an index of it. */
export function onItems(
  context: AwsContext,
  action: string,
  text: string | undefined,
  conditions: ItemConditions,
  index?: string,
): Access {
  const reference = tableReference(context, text);
  return {
    action: `dynamodb:${action}`,
    resource: index === undefined ? tableArn(context.region, reference) : indexArn(context.region, reference, index),
    conditions: {
      'dynamodb:leadingkeys': conditions.leadingKeys?.map(leadingKey),
      'dynamodb:attributes': conditions.attributes,
      'dynamodb:select': conditions.select,
      'dynamodb:returnvalues': conditions.returnValues,
      'dynamodb:returnconsumedcapacity': conditions.returnConsumedCapacity,
      'dynamodb:enclosingoperation': conditions.enclosing,
    },
  };
}

function leadingKey(value: KeyValue): string {
  if ('S' in value) return value.S;
  return 'N' in value ? value.N : Buffer.from(value.B).toString('base64');
}
