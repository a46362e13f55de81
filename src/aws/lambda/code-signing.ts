/** Code signing: not here. https://docs.aws.amazon.com/lambda/latest/dg/configuration-codesigning.html */
import type { LambdaParts } from './lambda-parts.ts';
import { emptyList, noneSuch, refused, sameForEveryFunction } from './refused.ts';

const instead =
  'Code signing is not available here: the platform checks no signatures. What runs is known by CodeSha256; who may deploy is a matter of credentials.';
const none =
  'The code signing configuration cannot be found. Check that the provided code signing configuration is not deleted.';

export function codeSigningOperations(parts: Pick<LambdaParts, 'registry'>) {
  return {
    CreateCodeSigningConfig: refused('lambda:CreateCodeSigningConfig', instead),
    UpdateCodeSigningConfig: noneSuch('lambda:UpdateCodeSigningConfig', none),
    GetCodeSigningConfig: noneSuch('lambda:GetCodeSigningConfig', none),
    DeleteCodeSigningConfig: noneSuch('lambda:DeleteCodeSigningConfig', none),
    ListCodeSigningConfigs: emptyList('lambda:ListCodeSigningConfigs', { CodeSigningConfigs: [] }),
    ListFunctionsByCodeSigningConfig: noneSuch('lambda:ListFunctionsByCodeSigningConfig', none),
    PutFunctionCodeSigningConfig: refused('lambda:PutFunctionCodeSigningConfig', instead),
    GetFunctionCodeSigningConfig: sameForEveryFunction('lambda:GetFunctionCodeSigningConfig', {}, parts),
    DeleteFunctionCodeSigningConfig: sameForEveryFunction('lambda:DeleteFunctionCodeSigningConfig', {}, parts),
  };
}
