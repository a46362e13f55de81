/** Does what the event says: the same in every runtime's program. */
import { execSync } from 'node:child_process';

console.log('loading');

export const handler = async (event, context) => await actions[event.do](event, context);

const actions = {
  echo: (event) => event,
  fail: () => {
    throw new RangeError('this went wrong');
  },
  loop: () => {
    console.log('about to loop');
    for (;;);
  },
  exit: () => {
    console.log('about to exit');
    process.exit(3);
  },
  remember: () => {
    const kept = [];
    for (;;) kept.push(Buffer.alloc(10 * 1024 * 1024, 1));
  },
  print: () => {
    console.log('one');
    execSync('echo two', { stdio: 'inherit' });
    process.stdout.write('three');
    return null;
  },
  bad: () => {
    const circle = {};
    circle.self = circle;
    return circle;
  },
  enlarge: ({ bytes }) => 'x'.repeat(bytes),
  context: (_event, context) => ({
    requestId: context.awsRequestId,
    arn: context.invokedFunctionArn,
    name: context.functionName,
    version: context.functionVersion,
    memory: context.memoryLimitInMB,
    logGroup: context.logGroupName,
    logStream: context.logStreamName,
    remains: context.getRemainingTimeInMillis(),
    traceId: process.env._X_AMZN_TRACE_ID,
    clientContext: context.clientContext?.custom,
    folder: process.cwd(),
    variables: Object.keys(process.env),
    greeting: process.env.GREETING,
  }),
  connect: async () => (await fetch('http://127.0.0.1:4566/hello')).text(),
};
