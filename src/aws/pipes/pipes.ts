/**
 * Amazon EventBridge Pipes over resources/pipe/: from a queue or a table's stream, through filter and enrichment, to a target.
 * docs/reference/pipes.md says what differs.
 * https://docs.aws.amazon.com/eventbridge/latest/pipes-reference/Welcome.html
 */
import type { Pipes } from '../../resources/pipe/pipes.ts';
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
import type { PipeSources } from './pipe-state.ts';

export function createPipesService({ pipes, ...sources }: { pipes: Pipes } & PipeSources): AwsService {
  const operations: OperationTable<PipesOperationName> = {
    CreatePipe: createPipe(pipes),
    DeletePipe: deletePipe(pipes),
    DescribePipe: describePipe(pipes, sources),
    ListPipes: listPipes(pipes, sources),
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
