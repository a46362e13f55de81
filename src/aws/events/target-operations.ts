import type {
  ListTargetsByRuleRequest,
  ListTargetsByRuleResponse,
  PutTargetsRequest,
  PutTargetsResponse,
  RemoveTargetsRequest,
  RemoveTargetsResponse,
  RemoveTargetsResultEntry,
  Target as GivenTarget,
} from '@aws-sdk/client-eventbridge';
import { checkInput } from '../../events/target-input.ts';
import { targetKind, targetServices } from '../../events/target.ts';
import type { Target, TargetInput } from '../../resources/event-bus/rule.ts';
import { parseArn } from '../../util/arn.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { invalid, invalidParameter, notHere } from './events-errors.ts';
import type { EventsParts } from './events-parts.ts';
import { pageOf } from '../page.ts';
import { passRole } from '../pass-role.ts';
import { busName, onRule, queueArn } from './reference.ts';

export const putTargets = ({ buses }: EventsParts): OperationEntry => ({
  access: (context, input: PutTargetsRequest) => [
    ...onRule(context, 'PutTargets', { bus: input.EventBusName, rule: input.Rule }),
    ...passRole('events.amazonaws.com', ...(input.Targets ?? []).map(({ RoleArn }) => RoleArn)),
  ],
  async run(context: AwsContext, input: PutTargetsRequest): Promise<PutTargetsResponse> {
    const bus = busName(context, input.EventBusName);
    buses.needRule(context.account, bus, input.Rule ?? '');
    const targets = (input.Targets ?? []).map(readTarget);
    await buses.putTargets(context.account, bus, input.Rule ?? '', targets);
    return { FailedEntryCount: 0, FailedEntries: [] };
  },
});

export const removeTargets = ({ buses }: EventsParts): OperationEntry => ({
  access: (context, input: RemoveTargetsRequest) =>
    onRule(context, 'RemoveTargets', { bus: input.EventBusName, rule: input.Rule }),
  async run(context: AwsContext, input: RemoveTargetsRequest): Promise<RemoveTargetsResponse> {
    const { Ids: ids = [], Rule: name = '' } = input;
    const failed: RemoveTargetsResultEntry[] = [];
    await buses.updateRule(context.account, busName(context, input.EventBusName), name, ({ targets }) => {
      for (const id of ids) {
        if (targets.some((target) => target.id === id)) continue;
        const ErrorMessage = `Rule ${name} does not have any target with Id ${id}.`;
        failed.push({ TargetId: id, ErrorCode: 'ResourceNotFoundException', ErrorMessage });
      }
      return { targets: targets.filter(({ id }) => !ids.includes(id)) };
    });
    return { FailedEntryCount: failed.length, FailedEntries: failed };
  },
});

export const listTargetsByRule = ({ buses }: EventsParts): OperationEntry => ({
  access: (context, input: ListTargetsByRuleRequest) =>
    onRule(context, 'ListTargetsByRule', { bus: input.EventBusName, rule: input.Rule }),
  run(context: AwsContext, input: ListTargetsByRuleRequest): Promise<ListTargetsByRuleResponse> {
    const rule = buses.needRule(context.account, busName(context, input.EventBusName), input.Rule ?? '');
    const sorted = rule.targets.toSorted((a, b) => (a.id < b.id ? -1 : 1));
    const { page, ...next } = pageOf(sorted, { token: input.NextToken, limit: input.Limit }, ({ id }) => id);
    return Promise.resolve({ Targets: page.map(shown), ...next });
  },
});

/** What belongs to targets that are not built. */
const foreign = [
  'KinesisParameters',
  'RunCommandParameters',
  'EcsParameters',
  'BatchParameters',
  'RedshiftDataParameters',
  'SageMakerPipelineParameters',
  'AppSyncParameters',
] as const;

function readTarget(given: GivenTarget): Target {
  const { Id: id = '', Arn: arn = '', RoleArn: roleArn, DeadLetterConfig, RetryPolicy, SqsParameters } = given;
  const parsed = parseArn(arn);
  if (parsed === undefined) throw invalidParameter('Arn', 'Provided Arn is not in correct format.');
  const unbuilt = foreign.find((name) => given[name] !== undefined);
  if (unbuilt !== undefined || targetKind(arn, 'rule') === undefined) {
    throw notHere(unbuilt ?? `The target ${arn}`, `targets of these services are built: ${targetServices('rule')}`);
  }
  const groupId = SqsParameters?.MessageGroupId;
  if (parsed.service === 'sqs' && arn.endsWith('.fifo') && groupId === undefined)
    throw invalid(`Parameter(s) SqsParameters must be specified for target: ${id}.`, 'SqsParameters');
  const { MaximumRetryAttempts: attemptsMax, MaximumEventAgeInSeconds: ageMax } = RetryPolicy ?? {};
  return {
    id,
    arn,
    input: readInput(given),
    retry: {
      ...(attemptsMax !== undefined && { attemptsMax }),
      ...(ageMax !== undefined && { ageMaxMs: ageMax * 1_000 }),
    },
    ...(roleArn !== undefined && { roleArn }),
    ...(groupId !== undefined && { groupId }),
    ...(DeadLetterConfig?.Arn !== undefined && { deadLetterQueue: queueArn(DeadLetterConfig.Arn, 'DeadLetterConfig') }),
    ...(given.HttpParameters !== undefined && {
      http: {
        pathValues: given.HttpParameters.PathParameterValues ?? [],
        query: given.HttpParameters.QueryStringParameters ?? {},
        headers: given.HttpParameters.HeaderParameters ?? {},
      },
    }),
  };
}

function readInput({ Id: id, Input: text, InputPath: path, InputTransformer: transformer }: GivenTarget): TargetInput {
  const given = [text, path, transformer].filter((one) => one !== undefined);
  if (given.length > 1)
    throw invalid(`Only one of Input, InputPath, or InputTransformer must be provided for target ${id}.`);
  const input: TargetInput =
    text !== undefined
      ? { kind: 'constant', text }
      : path !== undefined
        ? { kind: 'path', path }
        : transformer !== undefined
          ? { kind: 'template', paths: transformer.InputPathsMap ?? {}, template: transformer.InputTemplate ?? '' }
          : { kind: 'event' };
  checkInput(input, id ?? '');
  return input;
}

function shown({ id, arn, roleArn, input, groupId, http, deadLetterQueue: queue, retry }: Target): GivenTarget {
  const { attemptsMax, ageMaxMs } = retry;
  return {
    Id: id,
    Arn: arn,
    ...(roleArn !== undefined && { RoleArn: roleArn }),
    ...(input.kind === 'constant' && { Input: input.text }),
    ...(input.kind === 'path' && { InputPath: input.path }),
    ...(input.kind === 'template' && {
      InputTransformer: {
        ...(Object.keys(input.paths).length > 0 && { InputPathsMap: input.paths }),
        InputTemplate: input.template,
      },
    }),
    ...(groupId !== undefined && { SqsParameters: { MessageGroupId: groupId } }),
    ...(http !== undefined && {
      HttpParameters: {
        PathParameterValues: [...http.pathValues],
        QueryStringParameters: http.query,
        HeaderParameters: http.headers,
      },
    }),
    ...(queue !== undefined && { DeadLetterConfig: { Arn: queue } }),
    ...((attemptsMax !== undefined || ageMaxMs !== undefined) && {
      RetryPolicy: {
        ...(attemptsMax !== undefined && { MaximumRetryAttempts: attemptsMax }),
        ...(ageMaxMs !== undefined && { MaximumEventAgeInSeconds: ageMaxMs / 1_000 }),
      },
    }),
  };
}
