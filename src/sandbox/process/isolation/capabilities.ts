/** What was found of the machine, in the words that `mayfly doctor` prints. Pure. */
import type { Capability } from '../../sandbox.ts';
import type { Controller } from './control-groups.ts';

export type Findings = {
  bubblewrap: { version: string; trialMs?: number } | { why: string; remedy: string };
  hasFilter: boolean;
  groups: { version: 1 | 2; missing: readonly Controller[]; freezes: boolean } | { why: string };
  /** Why processes wait some 10 ms to enter a control group; absent: they do not. */
  slowMoves?: string | undefined;
  /** The range of ids that environments run as; `why`: they run as the platform's own user, and code is not attached. Absent when nothing runs. */
  users?: { first: number; last: number } | { why: string };
  /** Why processors are not woken beside functions that compute, if they are not. Absent when nothing runs. */
  pulse?: { isPossible: true } | { why: string; remedy: string };
  /** Absent when nothing runs. */
  network?: FoundNetwork | { why: string };
};

type FoundNetwork = {
  range: string;
  turnedForwardingOn: boolean;
  resolvers: readonly string[];
  /** Chains of other firewalls that may stop what functions send. */
  droppedBy: readonly string[];
};

const asRoot = 'run the platform as root, in a container with --privileged';

export function describeFindings(findings: Findings): Capability[] {
  const { users: foundUsers, pulse: foundPulse, network: foundNetwork } = findings;
  return [
    bubblewrap(findings),
    seccomp(findings),
    limits(findings),
    freezing(findings),
    ...(foundPulse === undefined ? [] : [pulse(foundPulse)]),
    ...(foundUsers === undefined ? [] : [users(foundUsers), lateCode(foundUsers)]),
    ...(foundNetwork === undefined ? [] : [network(foundNetwork)]),
  ];
}

function bubblewrap({ bubblewrap: found }: Findings): Capability {
  const name = 'isolation';
  if ('why' in found) return { name, status: 'missing', finding: found.why, remedy: found.remedy };
  const trial =
    found.trialMs === undefined ? '' : `; a trial environment started and ended in ${Math.round(found.trialMs)} ms`;
  return { name, status: 'ok', finding: `${found.version}${trial}` };
}

function seccomp({ hasFilter }: Findings): Capability {
  const name = 'system call filter';
  if (hasFilter) return { name, status: 'ok', finding: `an allow-list for ${process.arch}` };
  const remedy = 'use a machine with an x86-64 or aarch64 processor';
  return { name, status: 'missing', finding: `no list of system calls for ${process.arch}`, remedy };
}

function limits({ groups, slowMoves }: Findings): Capability {
  const name = 'memory, CPU and process limits';
  const remedy =
    'run as root, or in a unit to which systemd delegates: systemd-run --user --scope -p Delegate=yes mayfly serve; in a container, with --cgroupns=private and /sys/fs/cgroup writable';
  if ('why' in groups) {
    const finding = `no control groups (${groups.why}): the kernel's limits for single processes are used, and CPU is not limited`;
    return { name, status: 'degraded', finding, remedy };
  }
  if (groups.missing.length > 0) {
    return {
      name,
      status: 'degraded',
      finding: `control groups version ${groups.version} without ${groups.missing.join(', ')}`,
      remedy,
    };
  }
  const wait = slowMoves === undefined ? '' : `, which processes wait some 10 ms to enter (${slowMoves})`;
  return { name, status: 'ok', finding: `control groups version ${groups.version}${wait}` };
}

function freezing({ groups }: Findings): Capability {
  const name = 'freezing of idle environments';
  if (!('why' in groups) && groups.freezes)
    return { name, status: 'ok', finding: 'nothing runs in an environment between two invocations' };
  return {
    name,
    status: 'degraded',
    finding: 'what a function leaves running goes on between two invocations: there is no cgroup.freeze to use',
    remedy:
      'use Linux 5.2 or newer with version 2 of control groups mounted, also beside version 1: mount -t cgroup2 none /sys/fs/cgroup/unified',
  };
}

function pulse(found: NonNullable<Findings['pulse']>): Capability {
  const name = 'calls beside functions that compute';
  if (!('why' in found)) return { name, status: 'ok', finding: 'the kernel chooses twice a millisecond who runs' };
  const finding = `they may wait for a tick of the kernel, some milliseconds: ${found.why}`;
  return { name, status: 'degraded', finding, remedy: found.remedy };
}

function users(found: NonNullable<Findings['users']>): Capability {
  const name = 'users';
  if (!('why' in found))
    return {
      name,
      status: 'ok',
      finding: `each environment runs as a user of its own, ${found.first} to ${found.last}`,
    };
  return {
    name,
    status: 'degraded',
    finding: `all environments run as the platform's own user: ${found.why}`,
    remedy: asRoot,
  };
}

function network(found: NonNullable<Findings['network']>): Capability {
  const name = 'internet access of functions';
  if ('why' in found) {
    const finding = `functions reach the platform's endpoint only: ${found.why}`;
    return {
      name,
      status: 'degraded',
      finding,
      remedy: `${asRoot}, with the programs ip and nft (apt-get install iproute2 nftables)`,
    };
  }
  const forwarding = found.turnedForwardingOn ? '; net.ipv4.ip_forward was turned on for it' : '';
  const finding = `a network namespace for each environment, addresses from ${found.range}, behind a firewall${forwarding}`;
  const problems = networkProblems(found);
  if (problems.length === 0) return { name, status: 'ok', finding };
  return {
    name,
    status: 'degraded',
    finding: [finding, ...problems.map((problem) => problem.finding)].join('; '),
    remedy: problems.map((problem) => problem.remedy).join('; '),
  };
}

function networkProblems({ resolvers, droppedBy }: FoundNetwork): { finding: string; remedy: string }[] {
  const problems: { finding: string; remedy: string }[] = [];
  if (resolvers.length === 0) {
    problems.push({
      finding: "names cannot be looked up, since the host's only name server is on its loopback",
      remedy: 'name a server that is not on the loopback in /etc/resolv.conf',
    });
  }
  if (droppedBy.length > 0) {
    problems.push({
      finding: `another firewall of this host drops what it is not told to let through (${droppedBy.join(', ')})`,
      remedy:
        'let the links mf* through: iptables -I FORWARD -i mf+ -j ACCEPT; iptables -I FORWARD -o mf+ -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT',
    });
  }
  return problems;
}

function lateCode(found: NonNullable<Findings['users']>): Capability {
  const name = 'environments booted before their code is known';
  if (!('why' in found)) return { name, status: 'ok', finding: 'code is mounted into running environments' };
  return {
    name,
    status: 'degraded',
    finding: `not possible, so first calls take longer: ${found.why}`,
    remedy: asRoot,
  };
}
