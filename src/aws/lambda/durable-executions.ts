/** Durable executions: not here, so that there never is one. https://docs.aws.amazon.com/lambda/latest/dg/durable-functions.html */
import type { LambdaParts } from './lambda-parts.ts';
import { noneSuch, sameForEveryFunction } from './refused.ts';

const none =
  'The durable execution cannot be found: durable functions are not available here. Asynchronous invocations with retries and destinations, or a queue, carry work on.';

export function durableExecutionOperations(parts: Pick<LambdaParts, 'registry'>) {
  return {
    CheckpointDurableExecution: noneSuch('lambda:CheckpointDurableExecution', none),
    GetDurableExecution: noneSuch('lambda:GetDurableExecution', none),
    GetDurableExecutionHistory: noneSuch('lambda:GetDurableExecutionHistory', none),
    GetDurableExecutionState: noneSuch('lambda:GetDurableExecutionState', none),
    ListDurableExecutionsByFunction: sameForEveryFunction(
      'lambda:ListDurableExecutionsByFunction',
      { DurableExecutions: [] },
      parts,
    ),
    SendDurableExecutionCallbackFailure: noneSuch('lambda:SendDurableExecutionCallbackFailure', none),
    SendDurableExecutionCallbackHeartbeat: noneSuch('lambda:SendDurableExecutionCallbackHeartbeat', none),
    SendDurableExecutionCallbackSuccess: noneSuch('lambda:SendDurableExecutionCallbackSuccess', none),
    StopDurableExecution: noneSuch('lambda:StopDurableExecution', none),
  };
}
