/**
 * AWS Systems Manager, of which Parameter Store is here (resources/parameter/); everything else of it is answered as not
 * built. docs/reference/ssm.md says what differs.
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/systems-manager-parameter-store.html
 */
import { constrained } from '../constraints.ts';
import { ssmModel, type SsmOperationName } from '../model/ssm.ts';
import type { AwsService, OperationTable } from '../service.ts';
import { memberShapes, shapeConstraints } from './constraint-table.ts';
import { deleteResourcePolicy, getResourcePolicies, putResourcePolicy } from './policy-operations.ts';
import {
  describeParameters,
  getParameter,
  getParameterHistory,
  getParameters,
  getParametersByPath,
} from './read-operations.ts';
import type { SsmParts } from './ssm-parts.ts';
import { addTagsToResource, listTagsForResource, removeTagsFromResource } from './tag-operations.ts';
import {
  deleteParameter,
  deleteParameters,
  labelParameterVersion,
  putParameter,
  unlabelParameterVersion,
} from './write-operations.ts';

export function createSsmService(parts: SsmParts): AwsService {
  const operations: OperationTable<SsmOperationName> = {
    AddTagsToResource: addTagsToResource(parts),
    DeleteParameter: deleteParameter(parts),
    DeleteParameters: deleteParameters(parts),
    DeleteResourcePolicy: deleteResourcePolicy(parts),
    DescribeParameters: describeParameters(parts),
    GetParameter: getParameter(parts),
    GetParameterHistory: getParameterHistory(parts),
    GetParameters: getParameters(parts),
    GetParametersByPath: getParametersByPath(parts),
    GetResourcePolicies: getResourcePolicies(parts),
    LabelParameterVersion: labelParameterVersion(parts),
    ListTagsForResource: listTagsForResource(parts),
    PutParameter: putParameter(parts),
    PutResourcePolicy: putResourcePolicy(parts),
    RemoveTagsFromResource: removeTagsFromResource(parts),
    UnlabelParameterVersion: unlabelParameterVersion(parts),
  };
  return {
    name: 'ssm',
    signingNames: ['ssm'],
    protocols: ['json-1.1'],
    model: ssmModel,
    operations: constrained(operations, ssmModel, { shapes: shapeConstraints, members: memberShapes }),
  };
}
