/** The policies of buckets, called by each genuine client: the same comes of each, as AWS's pages say; and beside moto's server. */
import { testClients, testMoto } from './harness/walk-tests.ts';
import { s3PoliciesWalk } from './walks/s3-policies.ts';

/** It checks no policies, knows no bucket as blocked or as owned unless told, and has ACLs on. */
const motoDiffers = {
  'its status': 'accepted',
  'whether it is public': 'answers otherwise',
  'put no JSON': 'accepted',
  'put another bucket’s': 'accepted',
  'put another service’s': 'accepted',
  'put one of objects for the bucket': 'accepted',
  'of an owner who is not': 'accepted',
  'what is blocked': 'refused NoSuchPublicAccessBlockConfiguration',
  'let everybody in': 'accepted',
  'whether it is public then': 'answers otherwise',
  'who owns': 'refused OwnershipControlsNotFoundError',
  'open the bucket': 'accepted',
  'open the object': 'accepted',
  'put an open object': 'accepted',
  'its ACL': 'answers otherwise',
};

testClients('every client gets the same of policies, blocks and owners, and what AWS says', s3PoliciesWalk);

testMoto('moto’s server agrees, or AWS’s page says otherwise', s3PoliciesWalk, motoDiffers);
