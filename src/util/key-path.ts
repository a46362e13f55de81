/** A path into JSON: `$`, `$.detail.orderId`, `$.Records[0].messageId`, `$.headers.idempotency-key`, `$['a key']`. */
export type KeyPath = readonly (string | number)[];

const step = /\.([^.[\]\s'"]+)|\[(\d{1,9})\]|\['([^']{1,256})'\]/y;
const lengthMax = 512;

/** Undefined: it is no path. */
export function parseKeyPath(text: string): KeyPath | undefined {
  if (!text.startsWith('$') || text.length > lengthMax) return undefined;
  const steps: (string | number)[] = [];
  step.lastIndex = 1;
  while (step.lastIndex < text.length) {
    const found = step.exec(text);
    if (found === null) return undefined;
    const [, name, index, quoted] = found;
    steps.push(index === undefined ? (name ?? quoted ?? '') : Number(index));
  }
  return steps;
}
