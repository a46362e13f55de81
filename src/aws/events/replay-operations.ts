import type {
  CancelReplayRequest,
  CancelReplayResponse,
  DescribeReplayRequest,
  DescribeReplayResponse,
  ListReplaysRequest,
  ListReplaysResponse,
  Replay as ListedReplay,
  StartReplayRequest,
  StartReplayResponse,
} from '@aws-sdk/client-eventbridge';
import type { Replay } from '../../resources/event-bus/event-bus.ts';
import { parseArn } from '../../util/arn.ts';
import { PlatformError } from '../../util/errors.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { invalid, invalidParameter } from './events-errors.ts';
import type { EventsParts } from './events-parts.ts';
import { pageOf } from '../page.ts';
import { archiveArn, arnOfRule, busArn, nameInArn, onResource, replayArn } from './reference.ts';

const onReplay = (context: AwsContext, action: string, name: string | undefined) =>
  onResource(context, action, `replay/${name ?? ''}`);

/** It goes on by itself, after a restart too. */
export const startReplay = ({ buses }: EventsParts): OperationEntry => ({
  access: (context, input: StartReplayRequest) => onReplay(context, 'StartReplay', input.ReplayName),
  async run(context: AwsContext, input: StartReplayRequest): Promise<StartReplayResponse> {
    const { account } = context;
    const { Description: description, EventStartTime: from, EventEndTime: to, Destination: destination } = input;
    const archive = buses.archive(account, nameInArn(context, input.EventSourceArn, 'archive', 'EventSourceArn'));
    if (archive === undefined)
      throw invalidParameter('EventSourceArn', `Archive ${input.EventSourceArn} does not exist.`);
    if (parseArn(destination?.Arn ?? '')?.resource.startsWith('event-bus/') !== true)
      throw invalidParameter('Destination.Arn', 'Must contain an event bus ARN.');
    const bus = nameInArn(context, destination?.Arn, 'event-bus', 'Destination.Arn');
    if (bus !== archive.bus) throw invalidParameter('Destination.Arn', 'Cross event bus replay is not permitted.');
    const [fromMs = 0, toMs = 0] = [from?.getTime(), to?.getTime()];
    if (fromMs >= toMs) throw invalidParameter('EventEndTime', 'EventStartTime must be before EventEndTime.');
    const rules = destination?.FilterArns ?? [];
    const known = buses.rules(account, bus).map((rule) => arnOfRule(context, rule));
    const unknown = rules.find((arn) => !known.includes(arn));
    if (unknown !== undefined) throw invalidParameter('Destination.FilterArns', `Rule ${unknown} does not exist.`);
    const replay = await buses.startReplay({
      account,
      name: input.ReplayName ?? '',
      archive: archive.name,
      archiveLife: archive.life,
      bus,
      rules,
      fromMs,
      toMs,
      ...(description !== undefined && { description }),
    });
    return {
      ReplayArn: replayArn(context, replay),
      State: replay.state,
      ReplayStartTime: new Date(replay.startedMs),
    };
  },
});

export const cancelReplay = ({ buses }: EventsParts): OperationEntry => ({
  access: (context, input: CancelReplayRequest) => onReplay(context, 'CancelReplay', input.ReplayName),
  async run(context: AwsContext, input: CancelReplayRequest): Promise<CancelReplayResponse> {
    const replay = await buses.updateReplay(context.account, input.ReplayName ?? '', ({ name, state }) => {
      if (state === 'STARTING' || state === 'RUNNING') return { state: 'CANCELLING' };
      throw new PlatformError('conflict', `Replay ${name} is not in a valid state for this operation.`, {
        reason: 'IllegalStatusException',
      });
    });
    return { ReplayArn: replayArn(context, replay), State: replay.state };
  },
});

export const describeReplay = ({ buses }: EventsParts): OperationEntry => ({
  access: (context, input: DescribeReplayRequest) => onReplay(context, 'DescribeReplay', input.ReplayName),
  run(context: AwsContext, input: DescribeReplayRequest): Promise<DescribeReplayResponse> {
    const replay = buses.needReplay(context.account, input.ReplayName ?? '');
    return Promise.resolve({
      ...listed(context, replay),
      ReplayArn: replayArn(context, replay),
      Destination: {
        Arn: busArn(context, { account: replay.account, name: replay.bus }),
        ...(replay.rules.length > 0 && { FilterArns: [...replay.rules] }),
      },
      ...(replay.description !== undefined && { Description: replay.description }),
    });
  },
});

export const listReplays = ({ buses }: EventsParts): OperationEntry => ({
  access: (context) => onResource(context, 'ListReplays', '*'),
  run(context: AwsContext, input: ListReplaysRequest): Promise<ListReplaysResponse> {
    const { NamePrefix: prefix = '', State: state, EventSourceArn: source } = input;
    if ([input.NamePrefix, state, source].filter((one) => one !== undefined).length > 1)
      throw invalid(
        'At most one filter is allowed for ListReplays. Use either : State, EventSourceArn, or NamePrefix.',
      );
    const found = buses
      .replays(context.account)
      .filter(
        (replay) =>
          replay.name.startsWith(prefix) &&
          (state === undefined || state === replay.state) &&
          (source === undefined || source === sourceArn(context, replay)),
      );
    const { page, ...next } = pageOf(found, { token: input.NextToken, limit: input.Limit }, ({ name }) => name);
    return Promise.resolve({ Replays: page.map((replay) => listed(context, replay)), ...next });
  },
});

const sourceArn = (context: AwsContext, { account, archive }: Replay): string =>
  archiveArn(context, { account, name: archive });

const listed = (context: AwsContext, replay: Replay): ListedReplay => ({
  ReplayName: replay.name,
  EventSourceArn: sourceArn(context, replay),
  State: replay.state,
  ...(replay.reason !== undefined && { StateReason: replay.reason }),
  EventStartTime: new Date(replay.fromMs),
  EventEndTime: new Date(replay.toMs),
  ...(replay.lastEventMs !== undefined && { EventLastReplayedTime: new Date(replay.lastEventMs) }),
  ReplayStartTime: new Date(replay.startedMs),
  ...(replay.endedMs !== undefined && { ReplayEndTime: new Date(replay.endedMs) }),
});
