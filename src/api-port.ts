/** Who answers on the API port: the console's page, the admin API, or a service of AWS's. */
import { bucketInHost } from './aws/protocol/s3.ts';
import { consolePath } from './console/console.ts';
import { controlPrefix } from './control/control.ts';
import type { HttpHandler } from './util/http.ts';

export function createApiPort(doors: { console: HttpHandler; control: HttpHandler; aws: HttpHandler }): HttpHandler {
  return (request) => {
    const { path, headers } = request;
    // Where the host names a bucket, the path is a key, whatever it begins with.
    if (!`${path}/`.startsWith(controlPrefix) || bucketInHost(headers['host'] ?? '') !== undefined) {
      return doors.aws(request);
    }
    return `${path}/`.startsWith(consolePath) ? doors.console(request) : doors.control(request);
  };
}
