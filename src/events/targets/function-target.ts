import { derivedUuid, latestVersion, type AccountId, type RequestId } from '../../util/ids.ts';
import { checkPermission } from '../check-permission.ts';
import type { TargetKind } from '../target.ts';

/** An asynchronous invocation whose event is what was sent. */
export const functionTarget: TargetKind = {
  service: 'lambda',
  takes: ({ resource }) => resource.startsWith('function:'),
  async send({ account, resource }, sending, { asynchronous, mayInvoke, roles }) {
    const { id, text, behalf, cause, source } = sending;
    const [, name = '', qualifier] = resource.split(':');
    checkPermission(
      mayInvoke(account as AccountId, name, qualifier ?? latestVersion, behalf),
      `the function ${name}`,
      sending,
      { action: 'lambda:InvokeFunction', roles },
    );
    await asynchronous.enqueue({
      requestId: derivedUuid('target', id, resource) as RequestId,
      account: account as AccountId,
      functionName: name,
      ...(qualifier === undefined ? {} : { qualifier }),
      event: text,
      source,
      from: id,
      cause,
    });
  },
};
