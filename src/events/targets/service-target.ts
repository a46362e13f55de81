import { PlatformError } from '../../util/errors.ts';
import { serviceActionOf } from '../service-calls.ts';
import type { TargetKind } from '../target.ts';

/**
 * An operation of a service, with the role's permissions; what it answers is dropped.
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-universal.html
 */
export const serviceTarget: TargetKind = {
  service: 'scheduler',
  of: ['schedule'],
  takes: ({ resource }) => resource.startsWith('aws-sdk:'),
  async send(_target, { arn, id, text, behalf, roleArn, cause }, { serviceCalls }) {
    const action = serviceActionOf(arn);
    if (action === undefined || roleArn === undefined)
      throw new PlatformError('invalid_argument', `'${arn}' names no operation of a service`);
    const { sourceAccount: account, sourceArn } = behalf;
    await serviceCalls.call({ ...action, input: text, account, roleArn, sourceArn, id, cause });
  },
};
