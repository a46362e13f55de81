/**
 * What runs in a Java environment beside its virtual machine, which cannot pass a socket on: opens the listeners of the
 * endpoint and of the Runtime API's address in the environment's network, hands them to the platform, and ends.
 */
import { getSystemErrorName } from 'node:util';

const ports = { api: 4566, 'runtime-api': 9001 };
const host = '127.0.0.1';
const backlog = 511;

/** A bare handle, as `net` has inside: `net` itself would load the DNS resolver first. */
function listen(port) {
  const { TCP, constants } = process.binding('tcp_wrap');
  const handle = new TCP(constants.SERVER);
  const failure = handle.bind(host, port) || handle.listen(backlog);
  if (failure !== 0) throw new Error(`port ${port} cannot be opened: ${getSystemErrorName(failure)}`);
  return handle;
}

const listeners = Object.entries(ports).map(([name, port]) => {
  const listener = listen(port);
  process.send({ listen: name }, listener);
  return listener;
});
process.disconnect();
process.once('disconnect', () => {
  for (const listener of listeners) listener.close();
});
