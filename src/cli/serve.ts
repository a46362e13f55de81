import { resolve } from 'node:path';
import type { Command } from './command.ts';
import { defaultDataFolder, hostOf } from './find-platform.ts';
import { platformOptions, platformOptionsOf } from './platform-options.ts';
import { stopSignal } from './stop-signal.ts';

export const serveCommand: Command = {
  usage:
    'serve [--data DIR] [--api-port PORT] [--http-port PORT] [--listen ADDRESS] [--prebooted N] [--keep-warm HOW] [--warm-memory MB] [--keep-cgroup-mounts] [--private-issuers URLS] [--private-services SERVICES] [--smtp-relay URL] [--smtp-port PORT] [--limits PROVIDER] [--master-key-file FILE] [--master-key-command COMMAND]',
  description:
    'Runs the platform: the API endpoint (AWS wire protocols and the control API) on one port, the public gateway on another. It prints one line with ready once both accept requests, and writes DIR/credentials on the first start. SIGTERM lets what runs finish, and exits 0; a second one does not wait.',
  options: {
    data: {
      type: 'string',
      value: 'DIR',
      description: 'Where everything is kept, ~/.mayfly by default (or $MAYFLY_DATA)',
    },
    ...platformOptions,
    'keep-cgroup-mounts': {
      type: 'boolean',
      description:
        'Leave how processes enter control groups on this machine as it is: they wait some 10 ms, and calls with them. As root it is changed otherwise, until the machine starts again',
    },
  },
  positionalsMin: 0,
  positionalsMax: 0,
  examples: [
    'mayfly serve',
    'mayfly serve --data ./data --api-port 0 --http-port 0',
    'mayfly serve --keep-warm 10m --warm-memory 2000',
  ],
  async run(invoked) {
    const { world } = invoked;
    const named = invoked.text('data') ?? world.environment['MAYFLY_DATA'];
    const dataFolder =
      named === undefined || named === '' ? defaultDataFolder(world) : resolve(world.workingFolder, named);
    const told = platformOptionsOf(invoked, 'serve');
    const { listen } = told;
    const stop = stopSignal(world);
    try {
      const platform = await world.host.openPlatform({
        ...told,
        dataFolder,
        ...(invoked.flag('keep-cgroup-mounts') ? { keepsControlGroupMounts: true } : {}),
        log: (message) => world.stderr.write(`${message}\n`),
      });
      const { apiPort, httpPort, smtpPort } = platform;
      const [api, http] = [`http://${hostOf(listen)}:${apiPort}`, `http://${hostOf(listen)}:${httpPort}`];
      invoked.answer(
        { ready: true, api, http, apiPort, httpPort, ...(smtpPort !== undefined && { smtpPort }), data: dataFolder },
        () =>
          `ready api=${api} http=${http}${smtpPort === undefined ? '' : ` smtp=${hostOf(listen)}:${smtpPort}`} data=${dataFolder}`,
      );
      await stop.stopped;
      await platform.close();
      return 0;
    } finally {
      stop.remove();
    }
  },
};
