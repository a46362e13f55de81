/** `node call-regularly.ts URL PER_SECOND`: calls it so often, over kept connections, until it is ended. Whatever is answered. */
import { Agent, request } from 'node:http';

const [url = '', perSecond] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true });
setInterval(
  () => {
    request(url, { agent }, (response) => response.resume())
      .on('error', () => {})
      .end();
  },
  1_000 / Number(perSecond),
);
