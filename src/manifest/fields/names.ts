/** Names that a manifest gives to things, each with its vendor's rule. */
import { bucketNameFault } from '../../resources/bucket/bucket-name.ts';
import { busNamePattern } from '../../resources/event-bus/event-bus.ts';
import { queueNamePattern, standardQueueNamePattern } from '../../resources/queue-settings.ts';
import { topicNamePattern } from '../../resources/topic-settings.ts';
import { text } from '../shape/scalar.ts';
import { refine, type Shape } from '../shape/shape.ts';

const wordRule = 'letters, digits, - and _';

export const functionNameAccepts = `1 to 64 ${wordRule}`;

const applicationNamePattern = /[A-Za-z0-9][A-Za-z0-9_-]{0,63}/;
export const applicationName: Shape<string> = text({
  pattern: applicationNamePattern,
  accepts: `a name of 1 to 64 ${wordRule} that begins with a letter or digit`,
  advise: writeInstead(applicationNameFrom),
});

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
export const bucketNamePattern = /(?![0-9]{1,3}(?:\.[0-9]{1,3}){3}$)(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/;
export const bucketNameAccepts = '3 to 63 lower-case letters, digits, . and -, with a letter or digit at both ends';
export const bucketName: Shape<string> = refine(
  text({
    pattern: bucketNamePattern,
    accepts: `a bucket's name (${bucketNameAccepts})`,
    advise: writeInstead((written) =>
      written
        .toLowerCase()
        .replaceAll(/^s3:\/\/|^arn:aws:s3:::|\/.*$/g, '')
        .replaceAll(/[^a-z0-9.-]+/g, '-')
        .replaceAll(/^[.-]+|[.-]+$/g, ''),
    ),
  }),
  (name, found, report) => {
    const fault = bucketNameFault(name);
    if (fault === undefined) return name;
    report(found, `found '${name}', which ${fault}`);
    return undefined;
  },
);

const nameAlone = (written: string): string | undefined =>
  /^arn:|^https?:/.test(written) ? `Write its name alone, ${written.split(/[:/]/).at(-1)}.` : undefined;

export const queueNameAccepts = `1 to 80 ${wordRule}, .fifo at the end where it keeps an order`;
export const queueName: Shape<string> = text({
  pattern: queueNamePattern,
  accepts: `a queue's name (${queueNameAccepts})`,
  advise: nameAlone,
});

export const standardQueueName: Shape<string> = text({
  pattern: standardQueueNamePattern,
  accepts: `a queue's name (1 to 80 ${wordRule})`,
  advise: (written) =>
    written.endsWith('.fifo')
      ? 'A queue that keeps an order takes no events of functions; write a name without .fifo.'
      : nameAlone(written),
});

export const topicName: Shape<string> = text({
  pattern: topicNamePattern,
  accepts: `a topic's name (1 to 256 ${wordRule})`,
  advise: (written) => {
    if (written.endsWith('.fifo')) return 'A topic that keeps an order takes queues alone; make it with its queues.';
    if (written.startsWith('arn:')) return `Write its name alone, ${written.split(':').at(-1)}.`;
    return undefined;
  },
});

export const busName: Shape<string> = text({
  pattern: busNamePattern,
  accepts: `an event bus's name (1 to 256 ${wordRule} and .)`,
  advise: (written) => (written.startsWith('arn:') ? `Write ${written.split('/').at(-1)}.` : undefined),
});

/** The nearest application name to a folder's name; empty if there is nothing in it to use. */
export function applicationNameFrom(folderName: string): string {
  return folderName
    .replaceAll(/[^A-Za-z0-9_-]+/g, '-')
    .replaceAll(/^[-_]+|-+$/g, '')
    .slice(0, 64);
}

function writeInstead(mend: (written: string) => string): (written: string) => string | undefined {
  return (written) => {
    const mended = mend(written);
    return mended === '' || mended === written ? undefined : `Write ${mended}.`;
  };
}
