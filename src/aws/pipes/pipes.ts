/**
 * Amazon EventBridge Pipes over resources/pipe/: from a queue, through filter and enrichment, to a target.
 * docs/reference/pipes.md says what differs.
 * https://docs.aws.amazon.com/eventbridge/latest/pipes-reference/Welcome.html
 */
import type { Pipes } from '../../resources/pipe/pipes.ts';
import type { Queues } from '../../resources/queue.ts';
import { constrained } from '../constraints.ts';
import { pipesModel, type PipesOperationName } from '../model/pipes.ts';
import type { AwsService, OperationTable } from '../service.ts';
import { memberShapes, shapeConstraints } from './constraint-table.ts';
import {
  createPipe,
  deletePipe,
  describePipe,
  listPipes,
  listTagsForResource,
  startPipe,
  stopPipe,
  tagResource,
  untagResource,
  updatePipe,
} from './pipe-operations.ts';

export function createPipesService({ pipes, queues }: { pipes: Pipes; queues: Pick<Queues, 'get'> }): AwsService {
  const operations: OperationTable<PipesOperationName> = {
    CreatePipe: createPipe(pipes),
    DeletePipe: deletePipe(pipes),
    DescribePipe: describePipe(pipes, queues),
    ListPipes: listPipes(pipes, queues),
    ListTagsForResource: listTagsForResource(pipes),
    StartPipe: startPipe(pipes),
    StopPipe: stopPipe(pipes),
    TagResource: tagResource(pipes),
    UntagResource: untagResource(pipes),
    UpdatePipe: updatePipe(pipes),
  };
  return {
    name: 'pipes',
    signingNames: ['pipes'],
    protocols: ['rest-json'],
    model: pipesModel,
    operations: constrained(operations, pipesModel, { shapes: shapeConstraints, members: memberShapes }),
  };
}
