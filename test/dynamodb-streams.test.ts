/**
 * DynamoDB Streams, every operation by each genuine client: boto3, the `aws` command and the SDK for JavaScript get the same
 * answers, which are what AWS's pages say; and moto's server gives them too, but for what `motoDiffers` lists.
 */
import { testClients, testMoto } from './harness/walk-tests.ts';
import { dynamodbstreamsWalk } from './walks/dynamodbstreams.ts';

/** Limits are not checked, nor sequence numbers; what changes nothing is told of, and a stream that is off is gone. */
const motoDiffers = {
  'list too many': 'accepted',
  'look at no stream': 'accepted',
  'all records': 'answers otherwise',
  'from the second on': 'answers otherwise',
  'what is after it': 'answers otherwise',
  'at nothing': 'accepted',
  'at what is of another shard': 'accepted',
  'of no shard': 'refused 500',
  'by what is no iterator': 'refused 500',
  'too many records': 'accepted',
  'look at what is off': 'refused 500',
  'read what is off': 'answers otherwise',
};

/** What differs each time: when the stream was made, its shards, what is derived from these. */
const withoutChance = (said: string): string =>
  said
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}/g, 'LABEL')
    .replaceAll(/"eventID":"[0-9a-f]{32}"/g, 'an id')
    .replaceAll(/shardId-\d{20}-[0-9a-f]{8}/g, 'a shard')
    .replaceAll(/LABEL\|1\|[A-Za-z0-9+/=]+/g, 'an iterator')
    .replaceAll(/"1\d{20}"/g, 'a sequence number');

testClients(
  'every operation of DynamoDB Streams is called by every client, does what AWS says, and says the same to all',
  dynamodbstreamsWalk,
  { withoutChance },
);

testMoto('moto’s server agrees about streams, or AWS’s page says otherwise', dynamodbstreamsWalk, motoDiffers);
