/**
 * Every operation of DynamoDB, called by each genuine client: boto3, the `aws` command and the SDK for JavaScript get the
 * same answers, which are what AWS's pages say; and moto's server gives them too, but for what `motoDiffers` lists.
 */
import { createDynamoDbService } from '../src/aws/dynamodb/dynamodb.ts';
import { testClients, testMoto } from './harness/walk-tests.ts';
import { dynamodbWalk } from './walks/dynamodb.ts';

// Numbers stay as they were written; tokens, types of index keys and duplicates are not looked at, from which more follows;
// of PartiQL it has a part, and fails at the rest.
const motoDiffers = {
  'a half': 'answers otherwise',
  'all at once, again': 'refused TransactionCanceledException',
  'backwards, two at a time': 'answers otherwise',
  'by a local index, with what it has not': 'answers otherwise',
  'by no index': 'refused ResourceNotFoundException',
  'delete it by a statement': 'refused 500',
  'delete on a condition': 'accepted',
  'delete the table': 'answers otherwise',
  'filter by a key': 'accepted',
  'get parts of it': 'refused ValidationException',
  'in the old way': 'answers otherwise',
  'insert it again': 'accepted',
  'items end by another attribute': 'accepted',
  'others by that token': 'refused TransactionCanceledException',
  'put an index key of another type': 'accepted',
  'put it over': 'answers otherwise',
  'put one twice at once': 'accepted',
  'put under a condition of nothing': 'refused 500',
  'say nothing': 'refused 500',
  'select by an index': 'refused ResourceNotFoundException',
  'select it': 'answers otherwise',
  'several statements': 'answers otherwise',
  'statements at once': 'refused 500',
  'the same statements': 'refused 500',
  'their number': 'answers otherwise',
  'update it': 'refused 500',
  'update what is not so': 'refused 500',
  'update without its key': 'refused 500',
};

/** What chance has made: the platform's port, the revisions of policies, how far the time to live has come. */
const withoutChance = (said: string): string =>
  said
    .replaceAll('"ENABLING"', '"ENABLED"')
    .replaceAll(/"RevisionId":"\d+"/g, 'a revision')
    .replaceAll(/"Address":"127\.0\.0\.1:\d+"/g, 'an address');

testClients(
  'dynamodb: every operation is called by every client, does what AWS says, and says the same to all',
  dynamodbWalk,
  { operations: createDynamoDbService({} as never).operations, sameMessages: true, withoutChance },
);

testMoto('dynamodb: moto’s server agrees, or AWS’s page says otherwise', dynamodbWalk, motoDiffers);
