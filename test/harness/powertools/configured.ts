import { BaseProvider } from '@aws-lambda-powertools/parameters/base';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';

const s3 = new S3Client({ forcePathStyle: true });
const Bucket = process.env['BUCKET'] ?? '';

/** Parameters are objects, their paths prefixes. */
class BucketProvider extends BaseProvider {
  reads = 0;

  constructor() {
    super({ awsSdkV3Client: s3, awsSdkV3ClientPrototype: S3Client as never });
  }

  protected override async _get(name: string): Promise<string | undefined> {
    this.reads += 1;
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: name }));
    return Body?.transformToString();
  }

  protected override async _getMultiple(path: string): Promise<Record<string, unknown>> {
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: path }));
    const entries = Contents.map(async ({ Key = '' }) => [Key.slice(path.length), await this._get(Key)] as const);
    return Object.fromEntries(await Promise.all(entries));
  }
}

const provider = new BucketProvider();

export const handler = async (event: { name: string; path: string; fresh?: boolean }): Promise<object> => ({
  one: await provider.get(event.name, { transform: 'json', maxAge: 60, forceFetch: event.fresh ?? false }),
  many: await provider.getMultiple(event.path, { transform: 'auto', maxAge: 60 }),
  reads: provider.reads,
  missing: await provider.get('none').catch((error: Error) => error.name),
});
