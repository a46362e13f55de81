/** Which system calls depend on their arguments, and how; system-calls.ts lists all others. */
import type { Numbers } from './system-calls.ts';

/** Holds when the argument, after `mask` (default: all bits), is among the values, or is none of them. */
export type Condition = { argument: number; mask?: number; among?: readonly number[]; noneOf?: readonly number[] };

/** From <linux/sched.h>: a new mount, cgroup, UTS, IPC, user, PID or network namespace. */
export const namespaceFlags =
  0x0002_0000 | 0x0200_0000 | 0x0400_0000 | 0x0800_0000 | 0x1000_0000 | 0x2000_0000 | 0x4000_0000;

/** From <bits/socket.h>. */
const family = { unix: 1, internet: 2, internet6: 10, netlink: 16 } as const;
const socketType = { stream: 1, datagram: 2, sequencedPackets: 5 } as const;
/** The type without SOCK_CLOEXEC and SOCK_NONBLOCK. */
const socketTypeMask = 0xf;
const netlinkRoute = 0;

/** From <linux/stat.h>: the kind of file that mknod makes. */
const fileKindMask = 0o170000;
const fileKind = { characterDevice: 0o020000, blockDevice: 0o060000 } as const;

/** From <asm-generic/ioctls.h>: typing into a terminal as if its user did. */
const terminalCommands = { TIOCSTI: 0x5412, TIOCLINUX: 0x541c } as const;

/** Linux as it is, with or without 32-bit uname or a fixed address layout, and asking which it is: what container engines let through. */
const personalities = [0x0, 0x8, 0x2_0000, 0x2_0008, 0xffff_ffff];

/** A call is allowed when all conditions of one of the alternatives hold; otherwise it is answered with EPERM. */
export type CheckedCall = { numbers: Numbers; allowedWhen: readonly (readonly Condition[])[] };

export const checkedCalls = {
  clone: { numbers: [56, 220], allowedWhen: [[{ argument: 0, mask: namespaceFlags, among: [0] }]] },
  ioctl: { numbers: [16, 29], allowedWhen: [[{ argument: 1, noneOf: Object.values(terminalCommands) }]] },
  mknod: {
    numbers: [133, undefined],
    allowedWhen: [[{ argument: 1, mask: fileKindMask, noneOf: Object.values(fileKind) }]],
  },
  mknodat: {
    numbers: [259, 33],
    allowedWhen: [[{ argument: 2, mask: fileKindMask, noneOf: Object.values(fileKind) }]],
  },
  personality: { numbers: [135, 92], allowedWhen: [[{ argument: 0, among: personalities }]] },
  socket: {
    numbers: [41, 198],
    allowedWhen: [
      [
        { argument: 0, among: [family.unix, family.internet, family.internet6] },
        { argument: 1, mask: socketTypeMask, among: Object.values(socketType) },
      ],
      // The C library lists the network's interfaces and addresses with it.
      [
        { argument: 0, among: [family.netlink] },
        { argument: 2, among: [netlinkRoute] },
      ],
    ],
  },
} as const satisfies Record<string, CheckedCall>;
