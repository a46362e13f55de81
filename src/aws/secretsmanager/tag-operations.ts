import type { TagResourceRequest, UntagResourceRequest } from '@aws-sdk/client-secrets-manager';
import type { AwsContext, OperationEntry } from '../service.ts';
import { onSecret } from './secret-access.ts';
import type { SecretsManagerParts } from './secretsmanager-parts.ts';
import { tagsOf } from './tags.ts';

export const tagResource = ({ secrets }: SecretsManagerParts): OperationEntry => ({
  access: (context, input: TagResourceRequest) => [onSecret(secrets, context, 'TagResource', input.SecretId)],
  async run(context: AwsContext, input: TagResourceRequest): Promise<object> {
    await secrets.update(context.account, input.SecretId ?? '', ({ tags }) => ({ tags: tagsOf(input.Tags, tags) }));
    return {};
  },
});

export const untagResource = ({ secrets }: SecretsManagerParts): OperationEntry => ({
  access: (context, input: UntagResourceRequest) => [onSecret(secrets, context, 'UntagResource', input.SecretId)],
  async run(context: AwsContext, input: UntagResourceRequest): Promise<object> {
    const gone = new Set(input.TagKeys);
    await secrets.update(context.account, input.SecretId ?? '', ({ tags }) => ({
      tags: Object.fromEntries(Object.entries(tags).filter(([name]) => !gone.has(name))),
    }));
    return {};
  },
});
