import {
  IdempotencyConfig,
  IdempotencyItemAlreadyExistsError,
  IdempotencyItemNotFoundError,
  IdempotencyRecordStatus,
  makeIdempotent,
} from '@aws-lambda-powertools/idempotency';
import { BasePersistenceLayer, IdempotencyRecord } from '@aws-lambda-powertools/idempotency/persistence';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';

const s3 = new S3Client({ forcePathStyle: true });
const Bucket = process.env['BUCKET'] ?? '';

type Kept = Pick<
  IdempotencyRecord,
  'idempotencyKey' | 'expiryTimestamp' | 'inProgressExpiryTimestamp' | 'payloadHash' | 'responseData'
> & { status: ReturnType<IdempotencyRecord['getStatus']> };

/** Records are objects; that only one call makes a record is S3's conditional write. */
class BucketPersistence extends BasePersistenceLayer {
  protected override async _putRecord(record: IdempotencyRecord): Promise<void> {
    try {
      await this.#write(record, { IfNoneMatch: '*' });
    } catch (error) {
      if (!(error instanceof S3ServiceException) || error.name !== 'PreconditionFailed') throw error;
      const existing = await this._getRecord(record.idempotencyKey);
      throw new IdempotencyItemAlreadyExistsError('it is there already', existing);
    }
  }

  protected override async _updateRecord(record: IdempotencyRecord): Promise<void> {
    await this.#write(record, {});
  }

  protected override async _getRecord(key: string): Promise<IdempotencyRecord> {
    try {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: key }));
      return new IdempotencyRecord(JSON.parse((await Body?.transformToString()) ?? '') as Kept);
    } catch (error) {
      if (error instanceof NoSuchKey) throw new IdempotencyItemNotFoundError();
      throw error;
    }
  }

  protected override async _deleteRecord(record: IdempotencyRecord): Promise<void> {
    await s3.send(new DeleteObjectCommand({ Bucket, Key: record.idempotencyKey }));
  }

  async #write(record: IdempotencyRecord, condition: { IfNoneMatch?: string }): Promise<void> {
    const { idempotencyKey, expiryTimestamp, inProgressExpiryTimestamp, payloadHash, responseData } = record;
    const kept = { idempotencyKey, expiryTimestamp, inProgressExpiryTimestamp, payloadHash, responseData };
    const Body = JSON.stringify({ ...kept, status: record.getStatus() });
    await s3.send(new PutObjectCommand({ Bucket, Key: record.idempotencyKey, Body, ...condition }));
  }
}

type Payment = { order: string; amount: number; fails?: boolean; takesMs?: number };

const config = new IdempotencyConfig({
  eventKeyJmesPath: 'order',
  payloadValidationJmesPath: 'amount',
  throwOnNoIdempotencyKey: true,
});

const pay = makeIdempotent(
  async (event: Payment): Promise<{ payment: string; status: string }> => {
    console.log(`paying ${event.order}`);
    if (event.fails === true) throw new Error('bank closed');
    await new Promise((resolve) => setTimeout(resolve, event.takesMs ?? 0));
    return { payment: crypto.randomUUID(), status: IdempotencyRecordStatus.COMPLETED };
  },
  { persistenceStore: new BucketPersistence(), config },
);

export const handler = async (event: Payment, context: { getRemainingTimeInMillis(): number }): Promise<object> => {
  config.registerLambdaContext(context as never);
  return pay(event);
};
