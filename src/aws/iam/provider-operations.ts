/** Issuers of identity tokens that roles may trust. https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html */
import type * as Wire from '@aws-sdk/client-iam';
import { iamLimits, oidcProviderArn, type OidcProvider } from '../../resources/iam/iam-entities.ts';
import type { IdentityChange, IdentityReader } from '../../resources/iam/identities.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { onAll, onArn, requestTags, tagConditions } from './access.ts';
import { checkQuota, readTags, taken } from './entities.ts';
import { invalidInput, limitExceeded, noSuchEntity, validationError } from './iam-errors.ts';
import type { IamParts } from './iam-parts.ts';
import { tagsShown } from './shown.ts';

/** `https://token.actions.githubusercontent.com` without its scheme; query and user are none of an issuer. */
function issuerName(text = ''): string {
  const url = URL.parse(text);
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:')
    throw validationError('Invalid Open ID Connect Provider URL');
  if (url.search !== '' || url.hash !== '' || url.username !== '')
    throw validationError('Invalid Open ID Connect Provider URL');
  return `${url.host}${url.pathname.replace(/\/$/, '')}`;
}

export const createOpenIdConnectProvider = (parts: IamParts): OperationEntry => ({
  access: ({ account }, { Url, Tags }: Wire.CreateOpenIDConnectProviderRequest) =>
    onArn('CreateOpenIDConnectProvider', oidcProviderArn({ account, name: issuerName(Url) }), requestTags(Tags)),
  run({ account }: AwsContext, input: Wire.CreateOpenIDConnectProviderRequest): Promise<object> {
    const name = issuerName(input.Url);
    const { ClientIDList: clientIds = [], ThumbprintList: thumbprints = [] } = input;
    checkLists(clientIds, thumbprints);
    const tags = readTags(input.Tags);
    return parts.identities.change(account, (draft): Wire.CreateOpenIDConnectProviderResponse => {
      if (draft.get('oidc-provider', name) !== undefined) taken(`Provider with url ${name} already exists.`);
      checkQuota(draft.list('oidc-provider').length, iamLimits.providersMax, 'OpenIDConnectProvidersPerAccount');
      const createdMs = parts.clock.now();
      const provider: OidcProvider = { account, name, createdMs, clientIds, thumbprints, tags };
      draft.put('oidc-provider', provider);
      return { OpenIDConnectProviderArn: oidcProviderArn(provider), Tags: tagsShown(tags) };
    });
  },
});

function checkLists(clientIds: readonly string[], thumbprints: readonly string[]): void {
  if (clientIds.length > iamLimits.clientIdsMax)
    throw limitExceeded(`Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: ${iamLimits.clientIdsMax}`);
  if (thumbprints.length > iamLimits.thumbprintsMax)
    throw invalidInput(`Thumbprint list must contain fewer than ${iamLimits.thumbprintsMax} entries.`);
}

type NamedInput = { OpenIDConnectProviderArn?: string | undefined };

const onProvider = (parts: IamParts, { account }: AwsContext, action: string, arn = '') =>
  onArn(action, arn, tagConditions(find(parts.identities.of(account), arn)?.tags));

const find = (reader: IdentityReader, arn: string): OidcProvider | undefined =>
  reader.list('oidc-provider').find((provider) => oidcProviderArn(provider) === arn);

export function needProvider(reader: IdentityReader, arn = ''): OidcProvider {
  const provider = find(reader, arn);
  if (provider === undefined) throw noSuchEntity(`OpenIDConnect Provider not found for arn ${arn}`);
  return provider;
}

export const getOpenIdConnectProvider = (parts: IamParts): OperationEntry => ({
  access: (context, input: NamedInput) =>
    onProvider(parts, context, 'GetOpenIDConnectProvider', input.OpenIDConnectProviderArn),
  run({ account }: AwsContext, input: NamedInput): Promise<Wire.GetOpenIDConnectProviderResponse> {
    const provider = needProvider(parts.identities.of(account), input.OpenIDConnectProviderArn);
    return Promise.resolve({
      Url: provider.name,
      ClientIDList: [...provider.clientIds],
      ThumbprintList: [...provider.thumbprints],
      CreateDate: new Date(provider.createdMs),
      Tags: tagsShown(provider.tags),
    });
  },
});

export const listOpenIdConnectProviders = ({ identities }: IamParts): OperationEntry => ({
  access: () => onAll('ListOpenIDConnectProviders'),
  run({ account }: AwsContext): Promise<Wire.ListOpenIDConnectProvidersResponse> {
    const all = identities.of(account).list('oidc-provider');
    return Promise.resolve({ OpenIDConnectProviderList: all.map((one) => ({ Arn: oidcProviderArn(one) })) });
  },
});

/** One that is not there is deleted, too. */
export const deleteOpenIdConnectProvider = (parts: IamParts): OperationEntry => ({
  access: (context, input: NamedInput) =>
    onProvider(parts, context, 'DeleteOpenIDConnectProvider', input.OpenIDConnectProviderArn),
  run({ account }: AwsContext, input: NamedInput): Promise<object> {
    return parts.identities.change(account, (draft) => {
      const provider = find(draft, input.OpenIDConnectProviderArn ?? '');
      if (provider !== undefined) draft.delete('oidc-provider', provider.name);
      return {};
    });
  },
});

type ClientInput = NamedInput & { ClientID?: string | undefined };

export const addClientId = (parts: IamParts): OperationEntry => ({
  access: (context, input: ClientInput) =>
    onProvider(parts, context, 'AddClientIDToOpenIDConnectProvider', input.OpenIDConnectProviderArn),
  run({ account }: AwsContext, input: ClientInput): Promise<object> {
    return changed(parts, account, input, ({ clientIds, thumbprints }) => {
      const more = [...new Set([...clientIds, input.ClientID ?? ''])];
      checkLists(more, thumbprints);
      return { clientIds: more };
    });
  },
});

export const removeClientId = (parts: IamParts): OperationEntry => ({
  access: (context, input: ClientInput) =>
    onProvider(parts, context, 'RemoveClientIDFromOpenIDConnectProvider', input.OpenIDConnectProviderArn),
  run({ account }: AwsContext, input: ClientInput): Promise<object> {
    return changed(parts, account, input, ({ clientIds }) => ({
      clientIds: clientIds.filter((one) => one !== input.ClientID),
    }));
  },
});

type ThumbprintInput = NamedInput & { ThumbprintList?: string[] | undefined };

export const updateThumbprints = (parts: IamParts): OperationEntry => ({
  access: (context, input: ThumbprintInput) =>
    onProvider(parts, context, 'UpdateOpenIDConnectProviderThumbprint', input.OpenIDConnectProviderArn),
  run({ account }: AwsContext, input: ThumbprintInput): Promise<object> {
    const { ThumbprintList: thumbprints = [] } = input;
    checkLists([], thumbprints);
    return changed(parts, account, input, () => ({ thumbprints }));
  },
});

function changed(
  { identities }: IamParts,
  account: AwsContext['account'],
  { OpenIDConnectProviderArn: arn }: NamedInput,
  change: (provider: OidcProvider) => Partial<OidcProvider>,
): Promise<object> {
  return identities.change(account, (draft: IdentityChange) => {
    const provider = needProvider(draft, arn);
    draft.put('oidc-provider', { ...provider, ...change(provider) });
    return {};
  });
}
