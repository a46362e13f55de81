/** What calls leave in the audit log: of AWS's APIs, of function URLs that were refused, and of who asks for the control API and is not believed. */
import { auditEvent, type AuditedCall } from './aws/audited-call.ts';
import type { UrlRefusal } from './gateway/function-url.ts';
import { unknownActor } from './identity/actor.ts';
import type { Accounts } from './resources/accounts.ts';
import { AuditLog } from './resources/audit-log.ts';
import type { Records } from './store/records.ts';
import { parseArn } from './util/arn.ts';
import type { Clock, Timer } from './util/clock.ts';
import type { PlatformError } from './util/errors.ts';
import type { HttpRequest } from './util/http.ts';
import type { AccountId, Ids } from './util/ids.ts';

/** Entries go when they are this much older than they are kept, at most. */
const removalEveryMs = 60 * 60 * 1000;

export type WiredAudit = AsyncDisposable & {
  log: AuditLog;
  call(call: AuditedCall): Promise<void>;
  urlRefused(refusal: UrlRefusal): Promise<void>;
  controlRefused(request: HttpRequest, error: PlatformError): Promise<void>;
};

/** `account`: whose log has what strangers ask for. */
export function wireAudit({
  records,
  account,
  accounts,
  clock,
  ids,
  report,
}: {
  records: Records;
  account: AccountId;
  accounts: Pick<Accounts, 'get'>;
  clock: Clock;
  ids: Ids;
  report: (message: string, cause: unknown) => void;
}): WiredAudit {
  const log = new AuditLog({ records, clock, ids, onError: report });
  let timer: Timer | undefined;
  let removing: Promise<void> = Promise.resolve();
  const removeLater = (): void => {
    timer = clock.schedule(removalEveryMs, () => {
      removing = log
        .removeOld()
        .catch((error: unknown) => report('old entries of the audit log could not be removed', error));
      removeLater();
    });
  };
  removeLater();
  function known(id: string | undefined): AccountId[] {
    const owner = accounts.get(id as AccountId);
    return owner === undefined ? [] : [owner.id];
  }

  async function call(audited: AuditedCall): Promise<void> {
    const event = auditEvent(audited, { id: ids.uuid(), timeMs: clock.now(), account });
    if (event === undefined) return;
    // Both accounts have it: that of who asked, and that of what he asked for.
    const named = event.resources.flatMap((arn) => known(parseArn(arn)?.account));
    const owners = new Set([event.account, ...known(audited.owner), ...named]);
    const written = [...owners].map((owner) => log.record({ ...event, account: owner }));
    await Promise.all(written);
  }
  return {
    log,
    call,
    urlRefused: ({ request, principal, resource, error }) =>
      call({
        request,
        principal,
        error,
        requestId: ids.uuid(),
        service: 'lambda',
        operation: 'InvokeFunctionUrl',
        accesses: [{ action: 'lambda:InvokeFunctionUrl', resource }],
        input: {},
      }),
    controlRefused: ({ method, headers, remoteAddress }, error) =>
      log.record({
        id: ids.uuid(),
        timeMs: clock.now(),
        account,
        actor: unknownActor(account),
        service: 'mayfly',
        operation: method,
        resources: [],
        parameters: {},
        from: { address: remoteAddress, userAgent: (headers['user-agent'] ?? '').slice(0, 256) },
        requestId: ids.uuid(),
        result: 'denied',
        error: { code: error.reason ?? error.code, message: '' },
        isReadOnly: false,
        isData: false,
        count: 1,
      }),
    async [Symbol.asyncDispose]() {
      timer?.cancel();
      // First, for on a disk that takes nothing the removal waits for the log.
      await log[Symbol.asyncDispose]();
      await removing;
    },
  };
}
