import type {
  CreatePipeRequest,
  CreatePipeResponse,
  DeletePipeRequest,
  DeletePipeResponse,
  DescribePipeRequest,
  DescribePipeResponse,
  ListPipesRequest,
  ListPipesResponse,
  ListTagsForResourceRequest,
  ListTagsForResourceResponse,
  PipeState,
  StartPipeRequest,
  StopPipeRequest,
  TagResourceRequest,
  UntagResourceRequest,
  UpdatePipeRequest,
} from '@aws-sdk/client-pipes';
import { pipeArn } from '../../events/pipe-carrier.ts';
import type { Pipe } from '../../resources/pipe/pipe.ts';
import type { Pipes } from '../../resources/pipe/pipes.ts';
import { parseArn } from '../../util/arn.ts';
import { PlatformError } from '../../util/errors.ts';
import { pageOf } from '../page.ts';
import { passRole } from '../pass-role.ts';
import type { Access, AwsContext, OperationEntry } from '../service.ts';
import { readSettings, settingsShown } from './pipe-settings.ts';
import { pipeState, type PipeSources } from './pipe-state.ts';

const onPipe = (context: AwsContext, action: string, name = ''): Access[] => [
  { action: `pipes:${action}`, resource: pipeArn(context.region, { account: context.account, name }) },
];

const onArn = (action: string, arn = ''): Access[] => [{ action: `pipes:${action}`, resource: arn }];

export const createPipe = (pipes: Pipes): OperationEntry => ({
  access: (context, input: CreatePipeRequest) => [
    ...onPipe(context, 'CreatePipe', input.Name),
    ...passRole('pipes.amazonaws.com', input.RoleArn),
  ],
  async run(context: AwsContext, input: CreatePipeRequest): Promise<CreatePipeResponse> {
    const made = await pipes.create(context.account, input.Name ?? '', readSettings(context, input), input.Tags ?? {});
    return state(context, made, 'CREATING');
  },
});

export const updatePipe = (pipes: Pipes): OperationEntry => ({
  access: (context, input: UpdatePipeRequest) => [
    ...onPipe(context, 'UpdatePipe', input.Name),
    ...passRole('pipes.amazonaws.com', input.RoleArn),
  ],
  async run(context: AwsContext, input: UpdatePipeRequest): Promise<CreatePipeResponse> {
    const changed = await pipes.update(context.account, input.Name ?? '', ({ settings }) => ({
      settings: readSettings(context, input, settings),
    }));
    return state(context, changed, 'UPDATING');
  },
});

export const startPipe = (pipes: Pipes): OperationEntry => ({
  access: (context, input: StartPipeRequest) => onPipe(context, 'StartPipe', input.Name),
  async run(context: AwsContext, input: StartPipeRequest): Promise<CreatePipeResponse> {
    return state(context, await wanted(pipes, context, input.Name, true), 'STARTING');
  },
});

export const stopPipe = (pipes: Pipes): OperationEntry => ({
  access: (context, input: StopPipeRequest) => onPipe(context, 'StopPipe', input.Name),
  async run(context: AwsContext, input: StopPipeRequest): Promise<CreatePipeResponse> {
    return state(context, await wanted(pipes, context, input.Name, false), 'STOPPING');
  },
});

const wanted = (pipes: Pipes, { account }: AwsContext, name = '', isWanted: boolean): Promise<Pipe> =>
  pipes.update(account, name, ({ settings }) => {
    if (settings.isWanted === isWanted)
      throw new PlatformError('conflict', `Pipe ${name} is ${isWanted ? 'running' : 'stopped'} already.`, {
        reason: 'ConflictException',
      });
    return { settings: { ...settings, isWanted } };
  });

export const describePipe = (pipes: Pipes, sources: PipeSources): OperationEntry => ({
  access: (context, input: DescribePipeRequest) => onPipe(context, 'DescribePipe', input.Name),
  run(context: AwsContext, input: DescribePipeRequest): Promise<DescribePipeResponse> {
    const pipe = pipes.need(context.account, input.Name ?? '');
    return Promise.resolve({
      ...settingsShown(pipe.settings),
      ...pipeState(sources, pipe),
      Arn: pipeArn(context.region, pipe),
      Name: pipe.name,
      Tags: pipe.tags,
      CreationTime: new Date(pipe.createdMs),
      LastModifiedTime: new Date(pipe.modifiedMs),
    });
  },
});

export const listPipes = (pipes: Pipes, sources: PipeSources): OperationEntry => ({
  access: (context) => onPipe(context, 'ListPipes', '*'),
  run(context: AwsContext, input: ListPipesRequest): Promise<ListPipesResponse> {
    const { NamePrefix = '', DesiredState, CurrentState, SourcePrefix = '', TargetPrefix = '' } = input;
    const isAsked = (pipe: Pipe): boolean => {
      const { name, settings } = pipe;
      return (
        name.startsWith(NamePrefix) &&
        (DesiredState === undefined || (DesiredState === 'RUNNING') === settings.isWanted) &&
        (CurrentState === undefined || pipeState(sources, pipe).CurrentState === CurrentState) &&
        settings.source.startsWith(SourcePrefix) &&
        settings.target.arn.startsWith(TargetPrefix)
      );
    };
    const found = pipes.list(context.account).filter(isAsked);
    const { page, ...next } = pageOf(found, { token: input.NextToken, limit: input.Limit }, ({ name }) => name);
    return Promise.resolve({
      Pipes: page.map((pipe) => ({
        ...state(context, pipe),
        ...pipeState(sources, pipe),
        Source: pipe.settings.source,
        Target: pipe.settings.target.arn,
        ...(pipe.settings.enrichment !== undefined && { Enrichment: pipe.settings.enrichment.arn }),
      })),
      ...next,
    });
  },
});

export const deletePipe = (pipes: Pipes): OperationEntry => ({
  access: (context, input: DeletePipeRequest) => onPipe(context, 'DeletePipe', input.Name),
  async run(context: AwsContext, input: DeletePipeRequest): Promise<DeletePipeResponse> {
    const gone = await pipes.delete(context.account, input.Name ?? '');
    return { ...state(context, gone, 'DELETING'), DesiredState: 'DELETED' };
  },
});

export const tagResource = (pipes: Pipes): OperationEntry => ({
  access: (_context, input: TagResourceRequest) => onArn('TagResource', input.resourceArn),
  async run(context: AwsContext, input: TagResourceRequest): Promise<object> {
    await pipes.update(context.account, nameIn(context, input.resourceArn), ({ tags }) => ({
      tags: { ...tags, ...input.tags },
    }));
    return {};
  },
});

export const untagResource = (pipes: Pipes): OperationEntry => ({
  access: (_context, input: UntagResourceRequest) => onArn('UntagResource', input.resourceArn),
  async run(context: AwsContext, input: UntagResourceRequest): Promise<object> {
    const { tagKeys: names = [] } = input;
    await pipes.update(context.account, nameIn(context, input.resourceArn), ({ tags }) => ({
      tags: Object.fromEntries(Object.entries(tags).filter(([name]) => !names.includes(name))),
    }));
    return {};
  },
});

export const listTagsForResource = (pipes: Pipes): OperationEntry => ({
  access: (_context, input: ListTagsForResourceRequest) => onArn('ListTagsForResource', input.resourceArn),
  run(context: AwsContext, input: ListTagsForResourceRequest): Promise<ListTagsForResourceResponse> {
    return Promise.resolve({ tags: pipes.need(context.account, nameIn(context, input.resourceArn)).tags });
  },
});

function nameIn({ account }: AwsContext, given: string | undefined): string {
  const arn = given === undefined ? undefined : parseArn(given);
  if (arn?.service === 'pipes' && arn.account === account && arn.resource.startsWith('pipe/'))
    return arn.resource.slice('pipe/'.length);
  throw new PlatformError('invalid_argument', `${given} is not the ARN of a pipe of this account.`, {
    reason: 'ValidationException',
    field: 'resourceArn',
  });
}

const state = (context: AwsContext, pipe: Pipe, current?: PipeState): CreatePipeResponse => ({
  Arn: pipeArn(context.region, pipe),
  Name: pipe.name,
  DesiredState: pipe.settings.isWanted ? 'RUNNING' : 'STOPPED',
  ...(current !== undefined && { CurrentState: current }),
  CreationTime: new Date(pipe.createdMs),
  LastModifiedTime: new Date(pipe.modifiedMs),
});
