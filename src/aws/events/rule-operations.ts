import type {
  DeleteRuleRequest,
  DescribeRuleRequest,
  DescribeRuleResponse,
  DisableRuleRequest,
  EnableRuleRequest,
  ListRuleNamesByTargetRequest,
  ListRuleNamesByTargetResponse,
  ListRulesRequest,
  ListRulesResponse,
  PutRuleRequest,
  PutRuleResponse,
  Rule as ListedRule,
} from '@aws-sdk/client-eventbridge';
import { defaultBus } from '../../resources/event-bus/event-bus.ts';
import type { Rule, RuleState } from '../../resources/event-bus/rule.ts';
import { parseScheduleExpression } from '../../resources/schedule-expression.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { checkPattern, invalid } from './events-errors.ts';
import type { EventsParts } from './events-parts.ts';
import { pageOf } from '../page.ts';
import { passRole } from '../pass-role.ts';
import { arnOfRule, busName, onBus, onResource, onRule } from './reference.ts';
import { tagsOf } from './tags.ts';

/** A rule that is there keeps its targets and its tags; everything else is as this says. */
export const putRule = ({ buses }: EventsParts): OperationEntry => ({
  access: (context, input: PutRuleRequest) => [
    ...onRule(context, 'PutRule', { bus: input.EventBusName, rule: input.Name }),
    ...passRole('events.amazonaws.com', input.RoleArn),
  ],
  async run(context: AwsContext, input: PutRuleRequest): Promise<PutRuleResponse> {
    const { EventPattern: pattern, ScheduleExpression: schedule, Description: description, RoleArn: roleArn } = input;
    const bus = busName(context, input.EventBusName);
    if (!pattern && !schedule)
      throw invalid('Parameter(s) EventPattern or ScheduleExpression must be specified.', 'EventPattern');
    if (pattern) checkPattern(pattern);
    if (schedule) checkSchedule(schedule, bus);
    const rule = await buses.putRule(context.account, bus, input.Name ?? '', (present) => ({
      state: (input.State as RuleState | undefined) ?? 'ENABLED',
      tags: present?.tags ?? tagsOf(input.Tags),
      ...(pattern && { pattern }),
      ...(schedule && { schedule }),
      ...(description !== undefined && { description }),
      ...(roleArn !== undefined && { roleArn }),
    }));
    return { RuleArn: arnOfRule(context, rule) };
  },
});

function checkSchedule(schedule: string, bus: string): void {
  if (bus !== defaultBus)
    throw invalid('ScheduleExpression is supported only on the default event bus.', 'ScheduleExpression');
  try {
    parseScheduleExpression(schedule);
  } catch (error) {
    const why = error instanceof Error ? ` ${error.message}` : '';
    throw invalid(`Parameter ScheduleExpression is not valid.${why}`, 'ScheduleExpression');
  }
}

export const describeRule = ({ buses }: EventsParts): OperationEntry => ({
  access: (context, input: DescribeRuleRequest) =>
    onRule(context, 'DescribeRule', { bus: input.EventBusName, rule: input.Name }),
  run(context: AwsContext, input: DescribeRuleRequest): Promise<DescribeRuleResponse> {
    const rule = buses.needRule(context.account, busName(context, input.EventBusName), input.Name ?? '');
    return Promise.resolve({ ...listed(context, rule), CreatedBy: rule.account });
  },
});

export const listRules = ({ buses }: EventsParts): OperationEntry => ({
  access: (context, input: ListRulesRequest) => onBus(context, 'ListRules', input.EventBusName),
  run(context: AwsContext, input: ListRulesRequest): Promise<ListRulesResponse> {
    const bus = buses.needBus(context.account, busName(context, input.EventBusName)).name;
    const { NamePrefix: prefix = '' } = input;
    const found = buses.rules(context.account, bus).filter(({ name }) => name.startsWith(prefix));
    const { page, ...next } = pageOf(found, { token: input.NextToken, limit: input.Limit }, ({ name }) => name);
    return Promise.resolve({ Rules: page.map((rule) => listed(context, rule)), ...next });
  },
});

export const listRuleNamesByTarget = ({ buses }: EventsParts): OperationEntry => ({
  access: (context) => onResource(context, 'ListRuleNamesByTarget', '*'),
  run(context: AwsContext, input: ListRuleNamesByTargetRequest): Promise<ListRuleNamesByTargetResponse> {
    const bus = buses.needBus(context.account, busName(context, input.EventBusName)).name;
    const found = buses
      .rules(context.account, bus)
      .filter(({ targets }) => targets.some(({ arn }) => arn === input.TargetArn));
    const { page, ...next } = pageOf(found, { token: input.NextToken, limit: input.Limit }, ({ name }) => name);
    return Promise.resolve({ RuleNames: page.map(({ name }) => name), ...next });
  },
});

export const enableRule = ({ buses }: EventsParts): OperationEntry => ({
  access: (context, input: EnableRuleRequest) =>
    onRule(context, 'EnableRule', { bus: input.EventBusName, rule: input.Name }),
  async run(context: AwsContext, input: EnableRuleRequest): Promise<object> {
    const bus = busName(context, input.EventBusName);
    await buses.updateRule(context.account, bus, input.Name ?? '', () => ({ state: 'ENABLED' }));
    return {};
  },
});

export const disableRule = ({ buses }: EventsParts): OperationEntry => ({
  access: (context, input: DisableRuleRequest) =>
    onRule(context, 'DisableRule', { bus: input.EventBusName, rule: input.Name }),
  async run(context: AwsContext, input: DisableRuleRequest): Promise<object> {
    const bus = busName(context, input.EventBusName);
    await buses.updateRule(context.account, bus, input.Name ?? '', () => ({ state: 'DISABLED' }));
    return {};
  },
});

/** One that is not there is deleted, too. */
export const deleteRule = ({ buses }: EventsParts): OperationEntry => ({
  access: (context, input: DeleteRuleRequest) =>
    onRule(context, 'DeleteRule', { bus: input.EventBusName, rule: input.Name }),
  async run(context: AwsContext, input: DeleteRuleRequest): Promise<object> {
    const bus = buses.needBus(context.account, busName(context, input.EventBusName)).name;
    await buses.deleteRule(context.account, bus, input.Name ?? '');
    return {};
  },
});

const listed = (context: AwsContext, rule: Rule): ListedRule => ({
  Name: rule.name,
  Arn: arnOfRule(context, rule),
  State: rule.state,
  EventBusName: rule.bus,
  ...(rule.pattern !== undefined && { EventPattern: rule.pattern }),
  ...(rule.schedule !== undefined && { ScheduleExpression: rule.schedule }),
  ...(rule.description !== undefined && { Description: rule.description }),
  ...(rule.roleArn !== undefined && { RoleArn: rule.roleArn }),
});
