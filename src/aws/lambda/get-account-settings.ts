import type { GetAccountSettingsResponse } from '@aws-sdk/client-lambda';
import { limits } from '../../util/limits.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { codeBytesMax, codeUsage } from './code-usage.ts';
import type { LambdaParts } from './lambda-parts.ts';
import { zipBytesMax } from './request-limits.ts';

/** https://docs.aws.amazon.com/lambda/latest/api/API_GetAccountSettings.html */
export function getAccountSettings(parts: LambdaParts): OperationEntry {
  return {
    access: () => [{ action: 'lambda:GetAccountSettings', resource: '*' }],
    async run({ account }: AwsContext): Promise<GetAccountSettingsResponse> {
      const { bytes, functions } = await codeUsage(parts, account);
      const concurrencyMax = parts.concurrencyMax(account);
      const reserved = parts.registry
        .list(account)
        .reduce((sum, { extras }) => sum + (extras.reservedConcurrency ?? 0), 0);
      return {
        AccountLimit: {
          TotalCodeSize: codeBytesMax,
          CodeSizeUnzipped: limits.bundleBytesMax,
          CodeSizeZipped: zipBytesMax,
          ConcurrentExecutions: concurrencyMax,
          UnreservedConcurrentExecutions: concurrencyMax - reserved,
        },
        AccountUsage: { TotalCodeSize: bytes, FunctionCount: functions },
      };
    },
  };
}
