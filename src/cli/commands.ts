/** All commands: one line each. A command's file is loaded when it runs, so that none pays for the others. */
import type { Command } from './command.ts';

export type CommandEntry = { summary: string; load(): Promise<Command> };

export const commands: Readonly<Record<string, CommandEntry>> = {
  init: {
    summary: 'write mayfly.yaml, from a template or from a file you have',
    load: async () => (await import('./init.ts')).initCommand,
  },
  dev: {
    summary: 'platform, deployment and watching, on one terminal',
    load: async () => (await import('./dev.ts')).devCommand,
  },
  serve: { summary: 'run the platform', load: async () => (await import('./serve.ts')).serveCommand },
  deploy: {
    summary: 'send what has changed of a project to the platform',
    load: async () => (await import('./deploy.ts')).deployCommand,
  },
  invoke: {
    summary: 'call a function and show what it answers',
    load: async () => (await import('./invoke.ts')).invokeCommand,
  },
  logs: {
    summary: "show a function's output, and follow it",
    load: async () => (await import('./logs.ts')).logsCommand,
  },
  why: {
    summary: 'say why a call started cold, and where its time went',
    load: async () => (await import('./why.ts')).whyCommand,
  },
  'cold-starts': {
    summary: 'show which functions started cold, how often, why and for how long',
    load: async () => (await import('./cold-starts.ts')).coldStartsCommand,
  },
  ls: {
    summary: 'list functions, buckets, queues, topics, event buses, tables and schedules',
    load: async () => (await import('./ls.ts')).lsCommand,
  },
  events: {
    summary: 'show what became of events, from their source to their outcome',
    load: async () => (await import('./events.ts')).eventsCommand,
  },
  dlq: {
    summary: 'show events that were given up, and send them again',
    load: async () => (await import('./dlq.ts')).dlqCommand,
  },
  mail: {
    summary: 'show what programs sent by mail, and what arrived',
    load: async () => (await import('./mail.ts')).mailCommand,
  },
  accounts: {
    summary: 'give teams accounts of their own, and bound them',
    load: async () => (await import('./accounts.ts')).accountsCommand,
  },
  audit: {
    summary: 'say what is wrong with who may what; show who did what, and that nobody changed the log of it',
    load: async () => (await import('./audit.ts')).auditCommand,
  },
  sbom: {
    summary: 'list the packages that a function is made of, and what is known to be wrong with them',
    load: async () => (await import('./sbom.ts')).sbomCommand,
  },
  sign: {
    summary: 'sign code without a platform, for who deploys it',
    load: async () => (await import('./sign.ts')).signCommand,
  },
  signers: {
    summary: 'ask for signed code, and say by whom',
    load: async () => (await import('./signers.ts')).signersCommand,
  },
  advisories: {
    summary: 'give the platform advisories to match packages with',
    load: async () => (await import('./advisories.ts')).advisoriesCommand,
  },
  iam: {
    summary: 'say why somebody may do something or not, and what a function really needs',
    load: async () => (await import('./iam.ts')).iamCommand,
  },
  keys: {
    summary: 'show where the master key is from, and put another in its place',
    load: async () => (await import('./keys.ts')).keysCommand,
  },
  console: {
    summary: 'print the address of the console, the page that shows what runs',
    load: async () => (await import('./console.ts')).consoleCommand,
  },
  rollback: {
    summary: 'put a function back to the version before',
    load: async () => (await import('./rollback.ts')).rollbackCommand,
  },
  rm: { summary: 'remove an application or a function', load: async () => (await import('./rm.ts')).rmCommand },
  bill: { summary: "show a month's bill, line by line", load: async () => (await import('./bill.ts')).billCommand },
  env: {
    summary: 'print the variables that point AWS tools to the platform',
    load: async () => (await import('./env.ts')).envCommand,
  },
  runtimes: {
    summary: 'list the runtimes of this machine, and install more',
    load: async () => (await import('./runtimes.ts')).runtimesCommand,
  },
  doctor: {
    summary: 'say what this machine can do, and what to install',
    load: async () => (await import('./doctor.ts')).doctorCommand,
  },
};
