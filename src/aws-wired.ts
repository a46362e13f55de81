/** AWS's APIs, given the services that the engines have, and those of functions, identities, keys and the audit log. */
import type { SideOf } from './aws/authorization.ts';
import { createCloudtrailService } from './aws/cloudtrail/cloudtrail.ts';
import { createAwsHandler, type AwsHandlerOptions } from './aws/dispatch.ts';
import type { LambdaParts } from './aws/lambda/lambda-parts.ts';
import { createLambdaService } from './aws/lambda/lambda.ts';
import { createStsService } from './aws/sts/sts.ts';
import { createTrustSide } from './aws/sts/trust-side.ts';
import type { TemporaryCredentials } from './identity/temporary-credentials.ts';
import type { Invoker } from './invoke/invoke.ts';
import type { Accounts } from './resources/accounts.ts';
import type { Identities } from './resources/iam/identities.ts';
import type { OpenRunners } from './runners/open-runners.ts';
import type { Sandbox } from './sandbox/sandbox.ts';
import type { HttpHandler } from './util/http.ts';
import { createInTurn } from './util/in-turn.ts';
import type { WiredAudit } from './audit-wired.ts';
import type { WiredEngines } from './engines-wired.ts';
import { functionSides } from './function-grants.ts';
import type { WiredIdentities } from './identities-wired.ts';
import type { WiredKms } from './kms-wired.ts';
import type { WiredServiceCalls } from './service-calls-wired.ts';

/** What goes to Lambda as it is. */
type Same =
  | 'records'
  | 'registry'
  | 'layers'
  | 'bindings'
  | 'draining'
  | 'enqueue'
  | 'telemetry'
  | 'logTails'
  | 'releases'
  | 'codeLocation'
  | 'httpPort'
  | 'receiving'
  | 'delivering'
  | 'clock'
  | 'ids';

export type AwsWiring = Pick<LambdaParts, Same> &
  Pick<AwsHandlerOptions, 'authenticate' | 'standingOf' | 'region'> &
  Required<Pick<AwsHandlerOptions, 'used' | 'requireRoom'>> & {
    wired: WiredEngines;
    iam: Pick<WiredIdentities, 'service' | 'functionPrincipal' | 'isRefusedByRole'>;
    kms: WiredKms;
    audit: WiredAudit;
    serviceCalls: WiredServiceCalls;
    accounts: Accounts;
    identities: Identities;
    sessions: TemporaryCredentials;
    /** Issuers of tokens that may be at private addresses, or without TLS. */
    privateIssuers?: readonly string[];
    sandbox: Sandbox;
    runners: OpenRunners;
    invoker: Invoker;
    log: (message: string) => void;
  };

export type WiredAws = {
  handler: HttpHandler;
  /** What resources say themselves of who may use them. */
  sides: readonly SideOf[];
};

export function wireAws(parts: AwsWiring): WiredAws {
  const { wired, iam, kms, audit, serviceCalls, accounts, identities, sessions, sandbox, runners, invoker } = parts;
  const { clock, ids, region, log } = parts;
  const sides = [...wired.sides, kms.side, functionSides(parts.registry), createTrustSide({ identities })];
  const lambda = createLambdaService({
    ...parts,
    ...wired.engines,
    objectKeys: kms.keyUse('s3'),
    environmentKeys: { keyUse: kms.keyUse('lambda'), functionPrincipal: iam.functionPrincipal },
    concurrencyMax: (owner) => accounts.concurrencyMax(owner),
    provided: (resolved) => runners.provided(resolved),
    runtimes: () => sandbox.runtimes(),
    templatesRefused: (runtime) => sandbox.templatesRefused(runtime),
    architecture: process.arch === 'arm64' ? 'arm64' : 'x86_64',
    isRefusedByRole: iam.isRefusedByRole,
    streamResults: wired.streamResults,
    inTurn: createInTurn(),
  });
  const served: AwsHandlerOptions = {
    services: [
      ...wired.services,
      iam.service,
      createStsService({ identities, sessions, privateIssuers: parts.privateIssuers ?? [], clock }),
      kms.service,
      createCloudtrailService({ audit: audit.log }),
      lambda,
    ],
    authenticate: parts.authenticate,
    audit: audit.call,
    isSuspended: (owner) => accounts.isSuspended(owner),
    standingOf: parts.standingOf,
    used: parts.used,
    sides,
    causeOf: (environment) => invoker.runningIn(environment)?.cause,
    requireRoom: parts.requireRoom,
    clock,
    ids,
    region,
    onError: (error, where) =>
      log(
        `unexpected in ${where.service} ${where.operation ?? '?'} (request ${where.requestId}): ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      ),
  };
  return { handler: createAwsHandler(serviceCalls.serve(served, identities)), sides };
}
