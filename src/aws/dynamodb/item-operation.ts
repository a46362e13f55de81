/**
 * An operation on items is read before it is judged, since what it needs permission for is also what it says: which keys,
 * which attributes. What has been read is kept with the input, so that it is read once.
 */
import type { Access, AwsContext, OperationEntry } from '../service.ts';

export type ItemOperation<Input extends object, Read> = {
  /** What the input says, as far as it can be told without the tables. Errors: ValidationException. */
  read: (input: Input) => Read;
  access: (context: AwsContext, input: Input, read: Read) => readonly Access[];
  run: (context: AwsContext, input: Input, read: Read) => Promise<object>;
};

export function itemOperation<Input extends object, Read>(operation: ItemOperation<Input, Read>): OperationEntry {
  const known = new WeakMap<Input, { read: Read }>();
  const readOnce = (input: Input): Read => {
    const found = known.get(input);
    if (found !== undefined) return found.read;
    const read = operation.read(input);
    known.set(input, { read });
    return read;
  };
  return {
    access: (context, input: Input) => operation.access(context, input, readOnce(input)),
    run: (context, input: Input) => operation.run(context, input, readOnce(input)),
  };
}
