import type { BucketView, BusView, FunctionView, QueueView, TableView, TopicView } from '../control/views.ts';
import { connect } from './client.ts';
import { dataOption, type Command, type World } from './command.ts';
import { getBuckets, getBuses, getFunctions, getQueues, getSchedules, getTables, getTopics } from './control-api.ts';
import { columns } from './output/columns.ts';
import { painter, type Paint } from './output/paint.ts';
import { ago, bytesText, count } from './output/units.ts';

export const lsCommand: Command = {
  usage: 'ls',
  description:
    'Lists what is deployed: functions with what makes them run and where to call them, buckets, queues, topics, event buses, tables and schedules.',
  options: { data: dataOption },
  positionalsMin: 0,
  positionalsMax: 0,
  examples: ['mayfly ls', 'mayfly ls --json'],
  async run(invoked) {
    const { world } = invoked;
    await using client = await connect(world, invoked.text('data'));
    const [functions, buckets, queues, topics, buses, tables, schedules] = await Promise.all([
      getFunctions(client),
      getBuckets(client),
      getQueues(client),
      getTopics(client),
      getBuses(client),
      getTables(client),
      getSchedules(client),
    ]);
    invoked.answer({ functions, buckets, queues, topics, buses, tables, schedules }, () => {
      const paint = painter(world.stdout, world.environment);
      if ([functions, buckets, queues, topics, buses, tables].flat().length === 0)
        return 'Nothing is deployed yet. mayfly deploy does it.';
      return [
        ...functionLines(functions, world, paint),
        ...bucketLines(buckets, paint),
        ...queueLines(queues, paint),
        ...topicLines(topics, paint),
        ...busLines(buses, paint),
        ...tableLines(tables, paint),
      ].join('\n');
    });
    return 0;
  },
};

function functionLines(functions: readonly FunctionView[], world: World, paint: Paint): string[] {
  if (functions.length === 0) return [];
  const byApplication = Map.groupBy(functions, ({ application }) => application ?? '');
  return [...byApplication].flatMap(([application, members]) => {
    const rows = members.map((fn) => [
      `  ${paint('bold', fn.name)}`,
      paint('dim', fn.runtime),
      `v${fn.version}`,
      paint('dim', `${fn.memoryMb} MB`),
      fn.environments.busy + fn.environments.idle === 0
        ? paint('dim', 'idle')
        : `${fn.environments.busy} busy, ${fn.environments.idle} warm`,
      fn.lastInvokedMs === undefined ? paint('dim', 'no call known') : ago(fn.lastInvokedMs, world.clock.now()),
      fn.deadLetters === 0 ? '' : paint('red', `${fn.deadLetters} dead`),
    ]);
    const table = columns(rows);
    const withDetails = members.flatMap((fn, index) => [
      table[index] ?? '',
      ...fn.sources.map((source) => `      ${paint('dim', '←')} ${source}`),
      ...fn.urls.map((url) => `      ${paint('dim', '→')} ${paint('cyan', url)}`),
    ]);
    return [
      application === '' ? paint('dim', 'functions of no application') : paint(['bold', 'underline'], application),
      ...withDetails,
      '',
    ];
  });
}

function bucketLines(buckets: readonly BucketView[], paint: Paint): string[] {
  if (buckets.length === 0) return [];
  const rows = buckets.map(({ name, objects, bytes }) => [
    `  ${paint('bold', name)}`,
    objects === undefined ? '' : count(objects, 'object'),
    bytes === undefined ? '' : bytesText(bytes),
  ]);
  return [paint(['bold', 'underline'], 'buckets'), ...columns(rows, [1, 2]), ''];
}

function queueLines(queues: readonly QueueView[], paint: Paint): string[] {
  if (queues.length === 0) return [];
  const rows = queues.map(({ name, ready, delayed, leased }) => [
    `  ${paint('bold', name)}`,
    `${ready} ready`,
    `${leased} in work`,
    `${delayed} delayed`,
  ]);
  return [paint(['bold', 'underline'], 'queues'), ...columns(rows, [1, 2, 3]), ''];
}

function topicLines(topics: readonly TopicView[], paint: Paint): string[] {
  if (topics.length === 0) return [];
  const rows = topics.map(({ name, subscriptions }) => [
    `  ${paint('bold', name)}`,
    `${subscriptions} subscription${subscriptions === 1 ? '' : 's'}`,
  ]);
  return [paint(['bold', 'underline'], 'topics'), ...columns(rows, [1]), ''];
}

function busLines(buses: readonly BusView[], paint: Paint): string[] {
  if (buses.length === 0) return [];
  const rows = buses.map(({ name, rules }) => [`  ${paint('bold', name)}`, `${rules} rule${rules === 1 ? '' : 's'}`]);
  return [paint(['bold', 'underline'], 'event buses'), ...columns(rows, [1]), ''];
}

function tableLines(tables: readonly TableView[], paint: Paint): string[] {
  if (tables.length === 0) return [];
  const rows = tables.map(({ name, items, bytes, indexes }) => [
    `  ${paint('bold', name)}`,
    `${items.toLocaleString('en-US')} item${items === 1 ? '' : 's'}`,
    bytesText(bytes),
    indexes === 0 ? '' : `${indexes} index${indexes === 1 ? '' : 'es'}`,
  ]);
  return [paint(['bold', 'underline'], 'tables'), ...columns(rows, [1, 2, 3]), ''];
}
