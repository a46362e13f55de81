/**
 * AWS Lambda's control API and its invocation, over the registry and the data path: one file for each operation.
 * docs/reference/lambda.md says what is built and what differs.
 * https://docs.aws.amazon.com/lambda/latest/api/welcome.html
 */
import { lambdaModel, type LambdaOperationName } from '../model/lambda.ts';
import { constrained } from '../constraints.ts';
import type { AwsService, OperationTable } from '../service.ts';
import { addLayerVersionPermission } from './add-layer-version-permission.ts';
import { addPermission } from './add-permission.ts';
import { capacityProviderOperations } from './capacity-providers.ts';
import { memberShapes, shapeConstraints } from './constraint-table.ts';
import { codeSigningOperations } from './code-signing.ts';
import { createAlias } from './create-alias.ts';
import { createEventSourceMapping } from './create-event-source-mapping.ts';
import { createFunction } from './create-function.ts';
import { createFunctionUrlConfig } from './create-function-url-config.ts';
import { deleteAlias } from './delete-alias.ts';
import { deleteEventSourceMapping } from './delete-event-source-mapping.ts';
import { deleteFunction } from './delete-function.ts';
import { deleteFunctionConcurrency } from './delete-function-concurrency.ts';
import { deleteFunctionEventInvokeConfig } from './delete-function-event-invoke-config.ts';
import { deleteFunctionUrlConfig } from './delete-function-url-config.ts';
import { deleteLayerVersion } from './delete-layer-version.ts';
import { deleteProvisionedConcurrencyConfig } from './delete-provisioned-concurrency-config.ts';
import { deleteResourcePolicy } from './delete-resource-policy.ts';
import { durableExecutionOperations } from './durable-executions.ts';
import { getAccountSettings } from './get-account-settings.ts';
import { getAlias } from './get-alias.ts';
import { getEventSourceMapping } from './get-event-source-mapping.ts';
import { getFunction } from './get-function.ts';
import { getFunctionConcurrency } from './get-function-concurrency.ts';
import { getFunctionConfiguration } from './get-function-configuration.ts';
import { getFunctionEventInvokeConfig } from './get-function-event-invoke-config.ts';
import { getFunctionRecursionConfig } from './get-function-recursion-config.ts';
import { getFunctionUrlConfig } from './get-function-url-config.ts';
import { getLayerVersion } from './get-layer-version.ts';
import { getLayerVersionByArn } from './get-layer-version-by-arn.ts';
import { getLayerVersionPolicy } from './get-layer-version-policy.ts';
import { getPolicy } from './get-policy.ts';
import { getProvisionedConcurrencyConfig } from './get-provisioned-concurrency-config.ts';
import { getResourcePolicy } from './get-resource-policy.ts';
import { getRuntimeManagementConfig } from './get-runtime-management-config.ts';
import { invoke } from './invoke.ts';
import { invokeAsync } from './invoke-async.ts';
import { invokeWithResponseStream } from './invoke-with-response-stream.ts';
import type { LambdaParts } from './lambda-parts.ts';
import { listAliases } from './list-aliases.ts';
import { listEventSourceMappings } from './list-event-source-mappings.ts';
import { listFunctionEventInvokeConfigs } from './list-function-event-invoke-configs.ts';
import { listFunctionUrlConfigs } from './list-function-url-configs.ts';
import { listFunctions } from './list-functions.ts';
import { listLayerVersions } from './list-layer-versions.ts';
import { listLayers } from './list-layers.ts';
import { listProvisionedConcurrencyConfigs } from './list-provisioned-concurrency-configs.ts';
import { listTags } from './list-tags.ts';
import { listVersionsByFunction } from './list-versions-by-function.ts';
import { publishLayerVersion } from './publish-layer-version.ts';
import { publishVersion } from './publish-version.ts';
import { putFunctionConcurrency } from './put-function-concurrency.ts';
import { putFunctionEventInvokeConfig } from './put-function-event-invoke-config.ts';
import { putFunctionRecursionConfig } from './put-function-recursion-config.ts';
import { putProvisionedConcurrencyConfig } from './put-provisioned-concurrency-config.ts';
import { putResourcePolicy } from './put-resource-policy.ts';
import { putRuntimeManagementConfig } from './put-runtime-management-config.ts';
import { removeLayerVersionPermission } from './remove-layer-version-permission.ts';
import { removePermission } from './remove-permission.ts';
import { requestLimit } from './request-limits.ts';
import { tagResource } from './tag-resource.ts';
import { untagResource } from './untag-resource.ts';
import { updateAlias } from './update-alias.ts';
import { updateEventSourceMapping } from './update-event-source-mapping.ts';
import { updateFunctionCode } from './update-function-code.ts';
import { updateFunctionConfiguration } from './update-function-configuration.ts';
import { updateFunctionEventInvokeConfig } from './update-function-event-invoke-config.ts';
import { updateFunctionUrlConfig } from './update-function-url-config.ts';

export function createLambdaService(parts: LambdaParts): AwsService {
  const operations: OperationTable<LambdaOperationName> = {
    AddLayerVersionPermission: addLayerVersionPermission(parts),
    AddPermission: addPermission(parts),
    CreateAlias: createAlias(parts),
    CreateEventSourceMapping: createEventSourceMapping(parts),
    CreateFunction: createFunction(parts),
    CreateFunctionUrlConfig: createFunctionUrlConfig(parts),
    DeleteAlias: deleteAlias(parts),
    DeleteEventSourceMapping: deleteEventSourceMapping(parts),
    DeleteFunction: deleteFunction(parts),
    DeleteFunctionConcurrency: deleteFunctionConcurrency(parts),
    DeleteFunctionEventInvokeConfig: deleteFunctionEventInvokeConfig(parts),
    DeleteFunctionUrlConfig: deleteFunctionUrlConfig(parts),
    DeleteLayerVersion: deleteLayerVersion(parts),
    DeleteProvisionedConcurrencyConfig: deleteProvisionedConcurrencyConfig(parts),
    DeleteResourcePolicy: deleteResourcePolicy(parts),
    GetAccountSettings: getAccountSettings(parts),
    GetAlias: getAlias(parts),
    GetEventSourceMapping: getEventSourceMapping(parts),
    GetFunction: getFunction(parts),
    GetFunctionConcurrency: getFunctionConcurrency(parts),
    GetFunctionConfiguration: getFunctionConfiguration(parts),
    GetFunctionEventInvokeConfig: getFunctionEventInvokeConfig(parts),
    GetFunctionRecursionConfig: getFunctionRecursionConfig(parts),
    GetFunctionUrlConfig: getFunctionUrlConfig(parts),
    GetLayerVersion: getLayerVersion(parts),
    GetLayerVersionByArn: getLayerVersionByArn(parts),
    GetLayerVersionPolicy: getLayerVersionPolicy(parts),
    GetPolicy: getPolicy(parts),
    GetProvisionedConcurrencyConfig: getProvisionedConcurrencyConfig(parts),
    GetResourcePolicy: getResourcePolicy(parts),
    GetRuntimeManagementConfig: getRuntimeManagementConfig(parts),
    Invoke: invoke(parts),
    InvokeAsync: invokeAsync(parts),
    InvokeWithResponseStream: invokeWithResponseStream(parts),
    ListAliases: listAliases(parts),
    ListEventSourceMappings: listEventSourceMappings(parts),
    ListFunctionEventInvokeConfigs: listFunctionEventInvokeConfigs(parts),
    ListFunctionUrlConfigs: listFunctionUrlConfigs(parts),
    ListFunctions: listFunctions(parts),
    ListLayerVersions: listLayerVersions(parts),
    ListLayers: listLayers(parts),
    ListProvisionedConcurrencyConfigs: listProvisionedConcurrencyConfigs(parts),
    ListTags: listTags(parts),
    ListVersionsByFunction: listVersionsByFunction(parts),
    PublishLayerVersion: publishLayerVersion(parts),
    PublishVersion: publishVersion(parts),
    PutFunctionConcurrency: putFunctionConcurrency(parts),
    PutFunctionEventInvokeConfig: putFunctionEventInvokeConfig(parts),
    PutFunctionRecursionConfig: putFunctionRecursionConfig(parts),
    PutProvisionedConcurrencyConfig: putProvisionedConcurrencyConfig(parts),
    PutResourcePolicy: putResourcePolicy(parts),
    PutRuntimeManagementConfig: putRuntimeManagementConfig(parts),
    RemoveLayerVersionPermission: removeLayerVersionPermission(parts),
    RemovePermission: removePermission(parts),
    TagResource: tagResource(parts),
    UntagResource: untagResource(parts),
    UpdateAlias: updateAlias(parts),
    UpdateEventSourceMapping: updateEventSourceMapping(parts),
    UpdateFunctionCode: updateFunctionCode(parts),
    UpdateFunctionConfiguration: updateFunctionConfiguration(parts),
    UpdateFunctionEventInvokeConfig: updateFunctionEventInvokeConfig(parts),
    UpdateFunctionUrlConfig: updateFunctionUrlConfig(parts),
    ...capacityProviderOperations,
    ...codeSigningOperations(parts),
    ...durableExecutionOperations(parts),
  };
  return {
    name: 'lambda',
    signingNames: ['lambda'],
    protocols: ['rest-json'],
    model: lambdaModel,
    operations: constrained(operations, lambdaModel, { shapes: shapeConstraints, members: memberShapes }),
    documentLimit: requestLimit,
  };
}
