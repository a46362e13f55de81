import { getSecret } from '@aws-lambda-powertools/parameters/secrets';
import { getParameter, getParameters, getParametersByName, setParameter } from '@aws-lambda-powertools/parameters/ssm';

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : String(error));

export const handler = async (event: { write?: string }): Promise<object> => ({
  one: await getParameter('/shop/hours', { transform: 'json', forceFetch: true }),
  secure: await getParameter('/shop/token', { decrypt: true }),
  many: await getParameters('/shop', { decrypt: true, recursive: true }),
  named: await getParametersByName({ '/shop/token': { decrypt: true }, '/shop/none': {} }, { throwOnError: false }),
  written:
    event.write === undefined ? undefined : await setParameter('/shop/last', { value: event.write, overwrite: true }),
  secret: await getSecret('shop/db', { transform: 'json' }),
  previous: await getSecret('shop/db', { sdkOptions: { VersionStage: 'AWSPREVIOUS' } }),
  others: [
    await getSecret('other/db').catch(nameOf),
    await getParameter('/other/token').catch(nameOf),
    await getParameters('/other').catch(nameOf),
  ],
});
