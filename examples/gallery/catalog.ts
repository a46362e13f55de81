/**
 * A catalogue of the thumbnails: one TypeScript function with two event sources. A new thumbnail adds a card to the
 * catalogue; `GET /catalog` shows it. State lives in the bucket, never in the function.
 */
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';

type Card = { picture: string; bytes: number; addedAt: string };
type BucketEvent = {
  Records: { eventTime: string; s3: { bucket: { name: string }; object: { key: string; size: number } } }[];
};
type HttpEvent = { requestContext: { http: { method: string } } };

const s3 = new S3Client({ forcePathStyle: true });
const bucket = process.env['BUCKET'] ?? 'gallery';

export async function handler(event: BucketEvent | HttpEvent): Promise<unknown> {
  return 'Records' in event ? addCards(event) : showCards();
}

async function addCards(event: BucketEvent): Promise<void> {
  for (const { eventTime, s3: change } of event.Records) {
    const picture = decodeURIComponent(change.object.key.replaceAll('+', ' '));
    const card: Card = { picture, bytes: change.object.size, addedAt: eventTime };
    const name = picture.replace(/^thumbnails\//, '');
    await s3.send(
      new PutObjectCommand({
        Bucket: change.bucket.name,
        Key: `cards/${name}.json`,
        Body: JSON.stringify(card),
        ContentType: 'application/json',
      }),
    );
    console.log(`added ${picture}`);
  }
}

async function showCards(): Promise<{ pictures: Card[] }> {
  const listed = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: 'cards/' }));
  const pictures = await Promise.all(
    (listed.Contents ?? []).map(async ({ Key }) => {
      const object = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
      return JSON.parse((await object.Body?.transformToString()) ?? '{}') as Card;
    }),
  );
  return { pictures };
}
