import { connect } from './client.ts';
import { dataOption, type Command } from './command.ts';
import { getPlatform, postConsoleToken } from './control-api.ts';

/** `{ url, expiresMs? }`: without an end in `dev`, whose console asks nobody who he is. */
export const consoleCommand: Command = {
  usage: 'console',
  description:
    'Prints the address of the console, the page that shows what runs. The address has a token in it, which is good for 12 hours and for looking alone: keep it to yourself.',
  options: { data: dataOption },
  positionalsMin: 0,
  positionalsMax: 0,
  examples: ['mayfly console', 'xdg-open "$(mayfly console)"'],
  async run(invoked) {
    await using client = await connect(invoked.world, invoked.text('data'));
    const page = `${client.platform.apiUrl}/_mayfly/console/`;
    const { mode } = await getPlatform(client);
    if (mode === 'dev') {
      invoked.answer({ url: page }, () => page);
      return 0;
    }
    const { token, expiresMs } = await postConsoleToken(client);
    const url = `${page}#token=${token}`;
    invoked.answer({ url, expiresMs }, () => url);
    return 0;
  },
};
