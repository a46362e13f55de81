import { join } from 'node:path';
import { credentialsFileName } from '../identity/credentials.ts';
import { ignoresEndpointUrl } from './aws-command.ts';
import { dataOption, type Command } from './command.ts';
import { connect } from './client.ts';
import { getPlatform } from './control-api.ts';

/** What would win over the credentials file if it stayed. https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html */
const stronger = [
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_PROFILE',
  'AWS_DEFAULT_PROFILE',
];

export const envCommand: Command = {
  usage: 'env',
  description:
    "Prints the lines that point the aws command and every AWS SDK to the running platform, for a shell to evaluate. MAYFLY_URL is the gateway's address, where routes answer. An aws command of version 1, or older than July 2023, would go to AWS itself for some services or for all; for such a one a shell function comes with them.",
  options: { data: dataOption },
  positionalsMin: 0,
  positionalsMax: 0,
  examples: ['eval "$(mayfly env)" && aws s3 ls', 'eval "$(mayfly env)" && curl "$MAYFLY_URL/hello"'],
  async run(invoked) {
    const { world } = invoked;
    await using client = await connect(world, invoked.text('data'));
    const { region, httpPort } = await getPlatform(client);
    const { apiUrl, dataFolder } = client.platform;
    const httpUrl = client.platform.httpUrl ?? `http://${new URL(apiUrl).hostname}:${httpPort}`;
    const variables = {
      AWS_ENDPOINT_URL: apiUrl,
      ...(dataFolder !== undefined && { AWS_SHARED_CREDENTIALS_FILE: join(dataFolder, credentialsFileName) }),
      AWS_REGION: region,
      // The aws command and boto3 read this one.
      AWS_DEFAULT_REGION: region,
      ...(dataFolder === undefined ? { MAYFLY_ENDPOINT: apiUrl } : { MAYFLY_DATA: dataFolder }),
      MAYFLY_URL: httpUrl,
    };
    const wrapsAws = await ignoresEndpointUrl(world.environment);
    // Of a platform that is named by its address they are the credentials.
    const unset = dataFolder === undefined ? [] : stronger.filter((name) => (world.environment[name] ?? '') !== '');
    invoked.answer({ variables, unset, wrapsAws }, () =>
      [
        ...Object.entries(variables).map(([name, value]) => `export ${name}=${quoted(value)}`),
        ...(unset.length === 0 ? [] : [`unset ${unset.join(' ')}`]),
        ...(wrapsAws ? ['aws() { command aws --endpoint-url "$AWS_ENDPOINT_URL" "$@"; }'] : []),
      ].join('\n'),
    );
    return 0;
  },
};

/** As a POSIX shell reads it back, whatever is in it. */
function quoted(value: string): string {
  return /^[A-Za-z0-9_./:@%+=-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`;
}
