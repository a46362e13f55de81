/** `bucket: photos`: when objects are created or removed. */
import { sourceLimits, type BindingSource } from '../../registry/binding.ts';
import { bucketEventNames } from '../../resources/bucket-event.ts';
import { defaulted, either, list, object, required } from '../shape/compound.ts';
import { choice, text } from '../shape/scalar.ts';
import { refine, type Shape } from '../shape/shape.ts';
import { bucketName } from './names.ts';

export type BucketSource = Extract<BindingSource, { kind: 'bucket' }>;

const words: Readonly<Record<string, string>> = {
  created: 'ObjectCreated:*',
  removed: 'ObjectRemoved:*',
  ...Object.fromEntries(
    bucketEventNames.flatMap((name) => [
      [name, name],
      [`s3:${name}`, name],
    ]),
  ),
};

const eventName = choice({
  words,
  accepts: `created, removed or one of S3's names (${bucketEventNames.map((name) => `s3:${name}`).join(', ')})`,
  advise: (written) => {
    const word = written.toLowerCase();
    if (/creat|put|upload|add|new/.test(word)) return 'Did you mean created?';
    if (/remov|delet/.test(word)) return 'Did you mean removed?';
    return undefined;
  },
});

/** Key prefixes and suffixes. No key is longer: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
const keyPart = text({
  pattern: new RegExp(`\\P{Cc}{0,${sourceLimits.textLengthMax}}`, 'u'),
  accepts: `text of up to ${sourceLimits.textLengthMax} characters`,
});

const eventNameList = list(eventName, { accepts: 'a list of at least one event name', itemsMin: 1, itemsMax: 16 });

const fromMap = object(
  {
    name: required(bucketName, 'The bucket. It is created if it is not there.', 'name: photos'),
    on: defaulted(
      either({ text: refine(eventName, (name) => [name] as readonly string[]), list: eventNameList }),
      ['ObjectCreated:*'],
      ['created'],
      "What happens to an object: created, removed, or S3's own event names.",
    ),
    prefix: defaulted(keyPart, '', '', 'Only keys that begin with this.'),
    suffix: defaulted(keyPart, '', '', 'Only keys that end with this, such as .jpg.'),
  },
  {
    accepts: 'a map of name, on, prefix and suffix',
    hints: {
      bucket: 'it is called name',
      event: 'it is called on: [created] (or [s3:ObjectCreated:*])',
      events: 'it is called on: [created] (or [s3:ObjectCreated:*])',
      rules: 'write prefix: and suffix: themselves, without rules',
      filter: 'write prefix: and suffix: themselves, without filter',
      existing: 'a bucket is created only if it is not there; leave this out',
    },
  },
);

export const bucketEvent: Shape<BucketSource> = either<BucketSource>({
  text: refine(
    bucketName,
    (bucket) => ({ kind: 'bucket', bucket, events: ['ObjectCreated:*'], prefix: '', suffix: '' }) as const,
  ),
  map: refine(
    fromMap,
    ({ name, on, prefix, suffix }) =>
      ({ kind: 'bucket', bucket: name, events: [...new Set(on)], prefix, suffix }) as const,
  ),
});
