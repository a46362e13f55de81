import assert from 'node:assert/strict';
import { test } from 'node:test';
import { needsDisk } from './needs-disk.ts';

test('what keeps something new needs the disk; reading and making room do not', () => {
  const keeping = [
    'PutObject',
    'CreateQueue',
    'SendMessageBatch',
    'CopyObject',
    'UploadPart',
    'CompleteMultipartUpload',
  ];
  const others = [
    'UpdateFunctionCode',
    'PublishVersion',
    'Publish',
    'Subscribe',
    'AddPermission',
    'TagResource',
    'StartMessageMoveTask',
    'PutItem',
    'BatchWriteItem',
    'TransactWriteItems',
  ];
  const reading = [
    'GetObject',
    'HeadBucket',
    'ListQueues',
    'ReceiveMessage',
    'InvokeWithResponseStream',
    'GetFunction',
    'Query',
    'Scan',
    'BatchGetItem',
    'TransactGetItems',
  ];
  const making = [
    'DeleteObjects',
    'PurgeQueue',
    'AbortMultipartUpload',
    'RemovePermission',
    'Unsubscribe',
    'ChangeMessageVisibilityBatch',
  ];
  for (const name of [...keeping, ...others]) assert.ok(needsDisk(name), name);
  for (const name of [...reading, ...making]) assert.ok(!needsDisk(name), name);
});
