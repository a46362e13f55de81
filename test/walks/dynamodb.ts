import type { Step, Walk } from '../harness/walk.ts';

const TableName = 'walk-orders';
const arn = `arn:aws:dynamodb:us-east-1:000000000000:table/${TableName}`;
const policy = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS: '111122223333' }, Action: 'dynamodb:GetItem', Resource: arn }],
});

const S = (text: string): object => ({ S: text });
const N = (number: number | string): object => ({ N: String(number) });
const key = (customer: string, at: number): object => ({ customer: S(customer), at: N(at) });
const order = (customer: string, at: number, more: object = {}): object => ({ ...key(customer, at), ...more });

const step =
  (operation: string) =>
  (name: string, input: object, more: Partial<Step> = {}): Step => ({
    name,
    operation,
    input: { TableName, ...input },
    ...more,
  });
const put = step('PutItem');
const get = step('GetItem');
const update = step('UpdateItem');
const remove = step('DeleteItem');
const query = step('Query');
const scan = step('Scan');
const call = (operation: string, name: string, input: object, more: Partial<Step> = {}): Step => ({
  name,
  operation,
  input,
  ...more,
});
const say = (name: string, Statement: string, more: Partial<Step> = {}, Parameters?: readonly object[]): Step =>
  call('ExecuteStatement', name, { Statement, ...(Parameters !== undefined && { Parameters }) }, more);
const refusedAs = (says: string, refused = 'ValidationException'): Partial<Step> => ({ refused, says });

const tableSteps: Step[] = [
  call('CreateTable', 'make a table', {
    TableName,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [
      { AttributeName: 'customer', AttributeType: 'S' },
      { AttributeName: 'at', AttributeType: 'N' },
      { AttributeName: 'state', AttributeType: 'S' },
      { AttributeName: 'total', AttributeType: 'N' },
    ],
    KeySchema: [
      { AttributeName: 'customer', KeyType: 'HASH' },
      { AttributeName: 'at', KeyType: 'RANGE' },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: 'by-state',
        KeySchema: [
          { AttributeName: 'state', KeyType: 'HASH' },
          { AttributeName: 'total', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['note'] },
      },
    ],
    LocalSecondaryIndexes: [
      {
        IndexName: 'by-total',
        KeySchema: [
          { AttributeName: 'customer', KeyType: 'HASH' },
          { AttributeName: 'total', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
    ],
  }),
  step('DescribeTable')('it is there', {}, { gives: { Table: { TableName, TableStatus: 'ACTIVE', ItemCount: 0 } } }),
  call('ListTables', 'all of them', {}, { gives: { TableNames: [TableName] } }),
  call('TagResource', 'tag it', { ResourceArn: arn, Tags: [{ Key: 'team', Value: 'blue' }] }),
  call('ListTagsOfResource', 'its tags', { ResourceArn: arn }, { gives: { Tags: [{ Key: 'team', Value: 'blue' }] } }),
  call('UntagResource', 'tag it no more', { ResourceArn: arn, TagKeys: ['team'] }),
  step('UpdateTimeToLive')(
    'items end',
    { TimeToLiveSpecification: { Enabled: true, AttributeName: 'until' } },
    { gives: { TimeToLiveSpecification: { Enabled: true, AttributeName: 'until' } } },
  ),
  step('DescribeTimeToLive')('when items end', {}, { gives: { TimeToLiveDescription: { AttributeName: 'until' } } }),
  step('UpdateTimeToLive')(
    'items end by another attribute',
    { TimeToLiveSpecification: { Enabled: true, AttributeName: 'ends' } },
    refusedAs('TimeToLive is active on a different AttributeName: current AttributeName is until'),
  ),
  call('PutResourcePolicy', 'share it', { ResourceArn: arn, Policy: policy }),
  call('GetResourcePolicy', 'with whom it is shared', { ResourceArn: arn }),
  call('DeleteResourcePolicy', 'share it no more', { ResourceArn: arn }),
  call('DescribeLimits', 'limits', {}),
  call('DescribeEndpoints', 'endpoints', {}),
  step('DescribeContinuousBackups')('backups', {}),
  step('UpdateContinuousBackups')('no backups', {
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: false },
  }),
  step('UpdateTable')('protect it', { DeletionProtectionEnabled: true }),
  step('DeleteTable')('what is protected stays', {}, { refused: 'ValidationException' }),
  step('UpdateTable')('protect it no more', { DeletionProtectionEnabled: false }),
];

const itemSteps: Step[] = [
  put('put one', { Item: order('ada', 1, { state: S('open'), total: N('12.50'), lines: { L: [S('tea'), N(2)] } }) }),
  put(
    'put it over',
    {
      Item: order('ada', 1, { state: S('open'), total: N(13), lines: { L: [S('tea'), N(2)] } }),
      ReturnValues: 'ALL_OLD',
      ReturnConsumedCapacity: 'TOTAL',
    },
    { gives: { Attributes: { total: N('12.5') }, ConsumedCapacity: { TableName } } },
  ),
  put(
    'put what is there',
    { Item: order('ada', 1), ConditionExpression: 'attribute_not_exists(customer)' },
    refusedAs('The conditional request failed', 'ConditionalCheckFailedException'),
  ),
  put(
    'put without a key',
    { Item: { customer: S('ada') } },
    refusedAs('One or more parameter values were invalid: Missing the key at in the item'),
  ),
  put(
    'put a key of another type',
    { Item: { customer: N(1), at: N(1) } },
    refusedAs('One or more parameter values were invalid: Type mismatch for key customer expected: S actual: N'),
  ),
  put(
    'put an empty key',
    { Item: order('', 1) },
    refusedAs('The AttributeValue for a key attribute cannot contain an empty string value. Key: customer'),
  ),
  put(
    'put an index key of another type',
    { Item: order('ada', 9, { state: N(1) }) },
    refusedAs('Type mismatch for Index Key state Expected: S Actual: N IndexName: by-state'),
  ),
  put(
    'put no number',
    { Item: order('ada', 9, { v: { N: 'many' } }) },
    refusedAs('The parameter cannot be converted to a numeric value: many'),
  ),
  put(
    'put an empty set',
    { Item: order('ada', 9, { v: { SS: [] } }) },
    refusedAs('One or more parameter values were invalid: An string set  may not be empty'),
  ),
  put(
    'put under a condition of nothing',
    { Item: order('ada', 9), ConditionExpression: '#a = :a', ExpressionAttributeNames: { '#a': 'v' } },
    refusedAs(
      'Invalid ConditionExpression: An expression attribute value used in expression is not defined; attribute value: :a',
    ),
  ),
  put(
    'put nowhere',
    { TableName: 'walk-nowhere', Item: order('ada', 1) },
    refusedAs('Requested resource not found', 'ResourceNotFoundException'),
  ),
  get(
    'get it',
    { Key: key('ada', 1) },
    { gives: { Item: { total: N(13), lines: { L: [{ S: 'tea' }, { N: '2' }] } } } },
  ),
  get(
    'get parts of it',
    {
      Key: key('ada', 1),
      ProjectionExpression: '#l[0], #t',
      ExpressionAttributeNames: { '#l': 'lines', '#t': 'total' },
      ConsistentRead: true,
    },
    { gives: { Item: { lines: { L: [{ S: 'tea' }] }, total: N(13) } } },
  ),
  get('get what is not there', { Key: key('ada', 77) }, { gives: {} }),
  get(
    'get by a part of the key',
    { Key: { customer: S('ada') } },
    refusedAs('The provided key element does not match the schema'),
  ),
  update(
    'change it',
    {
      Key: key('ada', 1),
      UpdateExpression: 'SET #t = #t + :one, note = if_not_exists(note, :n) ADD marks :m REMOVE #l[0]',
      ConditionExpression: '#t BETWEEN :low AND :high',
      ExpressionAttributeNames: { '#t': 'total', '#l': 'lines' },
      ExpressionAttributeValues: {
        ':one': N(1),
        ':n': S('new'),
        ':m': { SS: ['x'] },
        ':low': N(1),
        ':high': N(20),
      },
      ReturnValues: 'ALL_NEW',
    },
    { gives: { Attributes: { total: N(14), note: S('new'), marks: { SS: ['x'] }, lines: { L: [{ N: '2' }] } } } },
  ),
  update(
    'change what is new',
    {
      Key: key('bob', 1),
      UpdateExpression: 'SET v = :v',
      ExpressionAttributeValues: { ':v': N(1) },
      ReturnValues: 'UPDATED_NEW',
    },
    { gives: { Attributes: { v: N(1) } } },
  ),
  update(
    'change it in the old way',
    { Key: key('bob', 1), AttributeUpdates: { v: { Value: N(2), Action: 'ADD' } }, ReturnValues: 'UPDATED_OLD' },
    { gives: { Attributes: { v: N(1) } } },
  ),
  update(
    'change a key',
    { Key: key('bob', 1), UpdateExpression: 'SET at = :v', ExpressionAttributeValues: { ':v': N(1) } },
    refusedAs('Attribute name is a reserved keyword; reserved keyword: at'),
  ),
  update(
    'change a key by reference',
    {
      Key: key('bob', 1),
      UpdateExpression: 'SET #a = :v',
      ExpressionAttributeNames: { '#a': 'at' },
      ExpressionAttributeValues: { ':v': N(1) },
    },
    refusedAs('Cannot update attribute at. This attribute is part of the key'),
  ),
  update(
    'change one thing twice',
    { Key: key('bob', 1), UpdateExpression: 'SET v = :v, v = :v', ExpressionAttributeValues: { ':v': N(1) } },
    refusedAs(
      'Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [v], path two: [v]',
    ),
  ),
  update(
    'change by no expression',
    { Key: key('bob', 1), UpdateExpression: 'ADD v : n', ExpressionAttributeValues: { ':n': N(1) } },
    refusedAs('Invalid UpdateExpression: Syntax error; token: ":", near: "v : n"'),
  ),
  update(
    'add to what is none',
    { Key: key('bob', 1), UpdateExpression: 'SET v = nowhere_to_be + :n', ExpressionAttributeValues: { ':n': N(1) } },
    refusedAs('The provided expression refers to an attribute that does not exist in the item'),
  ),
  update(
    'change inside of what is not there',
    { Key: key('bob', 1), UpdateExpression: 'SET m.n = :n', ExpressionAttributeValues: { ':n': N(1) } },
    refusedAs('The document path provided in the update expression is invalid for update'),
  ),
  call('BatchWriteItem', 'put several', {
    RequestItems: {
      [TableName]: [2, 3, 4, 5].map((at) => ({
        PutRequest: {
          Item: order('ada', at, { state: S(at % 2 === 0 ? 'open' : 'paid'), total: N(at), note: S('n') }),
        },
      })),
    },
  }),
  call(
    'BatchWriteItem',
    'put one twice at once',
    {
      RequestItems: { [TableName]: [{ PutRequest: { Item: order('x', 1) } }, { DeleteRequest: { Key: key('x', 1) } }] },
    },
    refusedAs('Provided list of item keys contains duplicates'),
  ),
  call(
    'BatchGetItem',
    'get several',
    { RequestItems: { [TableName]: { Keys: [key('ada', 3)], ProjectionExpression: 'note' } } },
    { gives: { Responses: { [TableName]: [{ note: S('n') }] } } },
  ),
  query(
    'a part of them',
    {
      KeyConditionExpression: 'customer = :c AND #a BETWEEN :low AND :high',
      FilterExpression: 'NOT #s = :s',
      ExpressionAttributeNames: { '#a': 'at', '#s': 'state' },
      ExpressionAttributeValues: { ':c': S('ada'), ':low': N(2), ':high': N(4), ':s': S('paid') },
    },
    { gives: { Count: 2, ScannedCount: 3, Items: [{ at: N(2) }, { at: N(4) }] } },
  ),
  query(
    'backwards, two at a time',
    {
      KeyConditionExpression: 'customer = :c',
      ExpressionAttributeValues: { ':c': S('ada') },
      ScanIndexForward: false,
      Limit: 2,
    },
    { gives: { Items: [{ at: N(5) }, { at: N(4) }], LastEvaluatedKey: key('ada', 4) } },
  ),
  query(
    'on from there',
    {
      KeyConditionExpression: 'customer = :c',
      ExpressionAttributeValues: { ':c': S('ada') },
      ScanIndexForward: false,
      ExclusiveStartKey: key('ada', 4),
    },
    { gives: { Items: [{ at: N(3) }, { at: N(2) }, { at: N(1) }] } },
  ),
  query(
    'by a global index',
    {
      IndexName: 'by-state',
      KeyConditionExpression: '#s = :s AND #t > :t',
      ExpressionAttributeNames: { '#s': 'state', '#t': 'total' },
      ExpressionAttributeValues: { ':s': S('open'), ':t': N(2) },
    },
    { gives: { Items: [{ total: N(4), note: S('n') }, { total: N(14) }] } },
  ),
  query(
    'by a local index, with what it has not',
    {
      IndexName: 'by-total',
      KeyConditionExpression: 'customer = :c AND #t <= :t',
      ProjectionExpression: 'note',
      ExpressionAttributeNames: { '#t': 'total' },
      ExpressionAttributeValues: { ':c': S('ada'), ':t': N(3) },
    },
    { gives: { Items: [{ note: S('n') }, { note: S('n') }] } },
  ),
  query(
    'in the old way',
    {
      KeyConditions: {
        customer: { ComparisonOperator: 'EQ', AttributeValueList: [S('ada')] },
        at: { ComparisonOperator: 'GE', AttributeValueList: [N(4)] },
      },
      QueryFilter: { state: { ComparisonOperator: 'EQ', AttributeValueList: [S('open')] } },
    },
    { gives: { Items: [{ at: N(4) }] } },
  ),
  query(
    'their number',
    {
      KeyConditionExpression: 'customer = :c',
      ExpressionAttributeValues: { ':c': S('ada') },
      Select: 'COUNT',
    },
    { gives: { Count: 5 } },
  ),
  query(
    'without the partition key',
    {
      KeyConditionExpression: '#a = :a',
      ExpressionAttributeNames: { '#a': 'at' },
      ExpressionAttributeValues: { ':a': N(1) },
    },
    refusedAs('Query condition missed key schema element: customer'),
  ),
  query(
    'a global index, consistently',
    {
      IndexName: 'by-state',
      KeyConditionExpression: '#s = :s',
      ExpressionAttributeNames: { '#s': 'state' },
      ExpressionAttributeValues: { ':s': S('open') },
      ConsistentRead: true,
    },
    refusedAs('Consistent reads are not supported on global secondary indexes'),
  ),
  query(
    'by no index',
    { IndexName: 'by-nothing', KeyConditionExpression: 'customer = :c', ExpressionAttributeValues: { ':c': S('a') } },
    refusedAs('The table does not have the specified index: by-nothing'),
  ),
  query(
    'filter by a key',
    {
      KeyConditionExpression: 'customer = :c',
      FilterExpression: '#a = :a',
      ExpressionAttributeNames: { '#a': 'at' },
      ExpressionAttributeValues: { ':c': S('ada'), ':a': N(1) },
    },
    refusedAs('Filter Expression can only contain non-primary key attributes: Primary key attribute: at'),
  ),
  query(
    'with a name too many',
    {
      KeyConditionExpression: 'customer = :c',
      ExpressionAttributeNames: { '#x': 'x' },
      ExpressionAttributeValues: { ':c': S('ada') },
    },
    refusedAs('Value provided in ExpressionAttributeNames unused in expressions: keys: {#x}'),
  ),
  scan(
    'all that are paid',
    {
      FilterExpression: '#s = :s AND size(note) = :n',
      ExpressionAttributeNames: { '#s': 'state' },
      ExpressionAttributeValues: { ':s': S('paid'), ':n': N(1) },
    },
    { gives: { Count: 2 } },
  ),
  scan('a half', { Segment: 0, TotalSegments: 1, Select: 'COUNT' }, { gives: { Count: 6 } }),
  scan(
    'a half of one',
    { Segment: 1, TotalSegments: 1 },
    refusedAs(
      'The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: 1 is not less than TotalSegments: 1',
    ),
  ),
  remove('delete it', { Key: key('bob', 1), ReturnValues: 'ALL_OLD' }, { gives: { Attributes: { v: N(3) } } }),
  remove('delete what is not there', { Key: key('bob', 1) }),
  remove(
    'delete on a condition',
    { Key: key('ada', 5), Expected: { state: { Value: S('open') } } },
    refusedAs('The conditional request failed', 'ConditionalCheckFailedException'),
  ),
];

const transaction = [
  { Put: { TableName, Item: order('cyd', 1, { v: N(1) }), ConditionExpression: 'attribute_not_exists(customer)' } },
  {
    Update: { TableName, Key: key('cyd', 2), UpdateExpression: 'ADD v :v', ExpressionAttributeValues: { ':v': N(1) } },
  },
  { ConditionCheck: { TableName, Key: key('ada', 1), ConditionExpression: 'attribute_exists(note)' } },
  { Delete: { TableName, Key: key('ada', 5) } },
];

const togetherSteps: Step[] = [
  call('TransactWriteItems', 'all at once', { TransactItems: transaction, ClientRequestToken: 'once' }),
  call('TransactWriteItems', 'all at once, again', { TransactItems: transaction, ClientRequestToken: 'once' }),
  call(
    'TransactWriteItems',
    'others by that token',
    { TransactItems: transaction.slice(0, 1), ClientRequestToken: 'once' },
    { refused: 'IdempotentParameterMismatchException' },
  ),
  call(
    'TransactWriteItems',
    'what cannot be, at once',
    { TransactItems: transaction, ClientRequestToken: 'twice' },
    refusedAs(
      'Transaction cancelled, please refer cancellation reasons for specific reasons [ConditionalCheckFailed, None, None, None]',
      'TransactionCanceledException',
    ),
  ),
  call(
    'TransactWriteItems',
    'one twice at once',
    { TransactItems: [transaction[1], transaction[1]] },
    refusedAs('Transaction request cannot include multiple operations on one item'),
  ),
  call(
    'TransactGetItems',
    'what came of it',
    {
      TransactItems: [
        { Get: { TableName, Key: key('cyd', 2) } },
        { Get: { TableName, Key: key('ada', 5) } },
        { Get: { TableName, Key: key('cyd', 1), ProjectionExpression: 'v' } },
      ],
    },
    { gives: { Responses: [{ Item: { v: N(1) } }, {}, { Item: { v: N(1) } }] } },
  ),
];

const statementSteps: Step[] = [
  say('insert one', `INSERT INTO "${TableName}" VALUE {'customer': 'dee', 'at': 1, 'v': 1, 'l': [1, {'a': 'b'}]}`),
  say('insert it again', `INSERT INTO "${TableName}" VALUE {'customer': 'dee', 'at': 1}`, {
    refused: 'DuplicateItemException',
  }),
  say(
    'select it',
    `SELECT * FROM "${TableName}" WHERE customer = ? AND "at" = ?`,
    { gives: { Items: [{ v: N(1), l: { L: [{ N: '1' }, { M: { a: { S: 'b' } } }] } }] } },
    [S('dee'), N(1)],
  ),
  say('select by an index', `SELECT note FROM "${TableName}"."by-state" WHERE state = 'open' AND total < 5`, {
    gives: { Items: [{ note: S('n') }, { note: S('n') }] },
  }),
  say(
    'update it',
    `UPDATE "${TableName}" SET v = v + 1 REMOVE l WHERE customer = 'dee' AND "at" = 1 RETURNING ALL NEW *`,
    {
      gives: { Items: [{ v: N(2) }] },
    },
  ),
  say('update without its key', `UPDATE "${TableName}" SET v = 1 WHERE customer = 'dee'`, {
    refused: 'ValidationException',
    says: 'Where clause does not contain a mandatory equality on all key attributes',
  }),
  say('update what is not so', `UPDATE "${TableName}" SET v = 1 WHERE customer = 'dee' AND "at" = 1 AND v > 5`, {
    refused: 'ConditionalCheckFailedException',
  }),
  say('say nothing', `SELEKT * FROM "${TableName}"`, {
    refused: 'ValidationException',
    says: "Statement wasn't well formed, can't be processed",
  }),
  call(
    'BatchExecuteStatement',
    'several statements',
    {
      Statements: [
        { Statement: `SELECT v FROM "${TableName}" WHERE customer = 'dee' AND "at" = 1` },
        { Statement: `SELECT v FROM "${TableName}" WHERE customer = 'dee'` },
      ],
    },
    { gives: { Responses: [{ Item: { v: N(2) } }, { Error: { Code: 'ValidationError' } }] } },
  ),
  call('ExecuteTransaction', 'statements at once', {
    TransactStatements: [
      { Statement: `EXISTS(SELECT * FROM "${TableName}" WHERE customer = 'dee' AND "at" = 1 AND v = 2)` },
      { Statement: `INSERT INTO "${TableName}" VALUE {'customer': 'dee', 'at': 2}` },
    ],
  }),
  call(
    'ExecuteTransaction',
    'the same statements',
    {
      TransactStatements: [
        { Statement: `INSERT INTO "${TableName}" VALUE {'customer': 'dee', 'at': 2}` },
        { Statement: `DELETE FROM "${TableName}" WHERE customer = 'dee' AND "at" = 1` },
      ],
    },
    { refused: 'TransactionCanceledException', says: '[DuplicateItem, None]' },
  ),
  say(
    'delete it by a statement',
    `DELETE FROM "${TableName}" WHERE customer = 'dee' AND "at" = 1 RETURNING ALL OLD *`,
    {
      gives: { Items: [{ v: N(2) }] },
    },
  ),
  step('DeleteTable')('delete the table', {}, { gives: { TableDescription: { TableStatus: 'DELETING' } } }),
];

export const dynamodbWalk: Walk = {
  service: 'dynamodb',
  steps: [...tableSteps, ...itemSteps, ...togetherSteps, ...statementSteps],
};
