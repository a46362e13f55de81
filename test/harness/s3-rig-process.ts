/** S3 in a process of its own, to be killed: `s3-rig-process.ts FOLDER` prints where it listens. */
import { openS3Rig } from './s3-rig.ts';

const rig = await openS3Rig(process.argv[2]);
console.log(rig.endpoint);
