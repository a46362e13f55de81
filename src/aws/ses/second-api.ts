/** What the operations of SES's second API share: its names of errors, and of what it says otherwise than the first. */
import type { Access, AwsContext, OperationEntry } from '../service.ts';
import { inSecondApi } from './ses-errors.ts';
import { PlatformError } from '../../util/errors.ts';

/** An operation whose errors go out under the second API's names. */
export const second = <Input, Output extends object>(
  access: (context: AwsContext, input: Input) => readonly Access[],
  run: (context: AwsContext, input: Input) => Promise<Output>,
): OperationEntry => ({
  access: (context, input: Input) => access(context, input),
  async run(context: AwsContext, input: Input): Promise<Output> {
    try {
      return await run(context, input);
    } catch (error) {
      throw inSecondApi(error);
    }
  },
});

export const notFound = (message: string): PlatformError =>
  new PlatformError('not_found', message, { reason: 'NotFoundException' });

export const badRequest = (message: string): PlatformError =>
  new PlatformError('invalid_argument', message, { reason: 'BadRequestException' });
