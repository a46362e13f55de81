// How calls came by their environments: over time, by function, by reason, and the latest that waited. Part of the page's script.
const coldKinds = ['cold', 'prebooted', 'template', 'archive'];
const coldPhases = ['queue', 'place', 'provision', 'init'];
const reasonWords = {
  first: 'first call ever',
  deploy: 'new version or settings',
  scale_out: 'all others busy',
  limit: 'machine was full',
  idle: 'ended for being idle',
  evicted: 'made room for another',
  memory: 'memory was short',
  age: 'credentials ran out',
  runtime_release: 'new runtime release',
  crash: 'last one exited',
  timeout: 'last one timed out',
  out_of_memory: 'last one out of memory',
  init_failed: 'last one could not load',
  no_reuse: 'used once only',
  unprovided: 'no longer provisioned',
  restart: 'platform was restarted',
  paused: 'failed too often',
  provisioned: 'kept ready',
  predicted: 'was expected',
};
const ranges = [
  ['1 hour', 3_600_000],
  ['24 hours', 86_400_000],
  ['7 days', 7 * 86_400_000],
  ['35 days', 35 * 86_400_000],
];
const latestShown = 8;
let rangeMs = ranges[1][1];

const svg = (tag, attributes, ...content) => {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...content);
  return element;
};
const titled = (text) => svg('title', {}, text);
const plural = (count, one) => count.toLocaleString() + ' ' + one + (count === 1 ? '' : 's');
const percentText = (share) => (share > 0 && share < 0.001 ? '< 0.1 %' : (share * 100).toFixed(1) + ' %');
const timeText = (ms, slotMs) =>
  new Date(ms).toLocaleString(
    [],
    slotMs < 3_600_000
      ? { hour: '2-digit', minute: '2-digit', hour12: false }
      : { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hour12: false },
  );

/** A bar for each slot of time: how many calls waited in it, by what they waited for. */
function coldChart({ slots, slotMs }) {
  const height = 130;
  const sum = (starts, kinds) => kinds.reduce((all, kind) => all + (starts[kind] ?? 0), 0);
  const most = Math.max(1, ...slots.map(({ starts }) => sum(starts, coldKinds)));
  const drawing = svg('svg', {
    class: 'chart',
    height: height + 22,
    role: 'img',
    'aria-label': 'Cold starts over time',
  });
  const width = 100 / Math.max(slots.length, 24);
  for (const [fraction, value] of [
    [0, 0],
    [1, most],
  ]) {
    const y = height - fraction * (height - 14) - 0.5;
    drawing.append(svg('line', { class: 'grid', x1: '0', x2: '100%', y1: y, y2: y }));
    if (value > 0) drawing.append(svg('text', { class: 'axis', x: '0', y: y - 3 }, value.toLocaleString()));
  }
  slots.forEach(({ timeMs, starts }, index) => {
    const calls = sum(starts, Object.keys(starts));
    const group = svg('g', {});
    const parts = coldKinds.filter((kind) => starts[kind] > 0).map((kind) => starts[kind] + ' ' + kind);
    group.append(
      titled(
        timeText(timeMs, slotMs) +
          ': ' +
          (parts.length === 0 ? 'none' : parts.join(', ')) +
          ' of ' +
          plural(calls, 'call'),
      ),
    );
    const x = index * width + '%';
    group.append(svg('rect', { class: 'hit', x, width: width + '%', y: 0, height }));
    let bottom = height;
    for (const kind of coldKinds) {
      if (!(starts[kind] > 0)) continue;
      const tall = Math.max(1, (starts[kind] / most) * (height - 14));
      bottom -= tall;
      group.append(svg('rect', { class: 'start-' + kind, x, y: bottom, width: width * 0.82 + '%', height: tall }));
    }
    drawing.append(group);
  });
  const labels = [0, Math.floor(slots.length / 2), slots.length - 1];
  for (const [at, index] of [...new Set(labels)].entries()) {
    if (slots[index] === undefined) continue;
    const last = at > 0 && index === slots.length - 1 && slots.length >= 24;
    drawing.append(
      svg(
        'text',
        {
          class: 'axis',
          x: last ? '100%' : index * width + '%',
          y: height + 15,
          'text-anchor': last ? 'end' : 'start',
        },
        timeText(slots[index].timeMs, slotMs),
      ),
    );
  }
  return drawing;
}

/** Half of the cold starts stayed within each of these: side by side. */
function medianBar({ phases }, longestUs) {
  const values = Object.fromEntries(coldPhases.map((name) => [name + 'Us', phases[name].p50Us]));
  return phaseBar({ placeUs: 0, handlerUs: 0, replyUs: 0, ...values }, longestUs);
}

function reasonBars({ reasons, coldStarts }) {
  const sorted = Object.entries(reasons).toSorted(([, a], [, b]) => b - a);
  return table(
    sorted,
    [
      ['Reason', ([kind]) => reasonWords[kind] ?? kind, 'short'],
      ['Calls', ([, count]) => count.toLocaleString(), 'number'],
      [
        '',
        ([, count]) =>
          svg(
            'svg',
            { class: 'bar' },
            svg('rect', {
              class: 'start-cold',
              width: Math.max(0.6, (count / coldStarts) * 100) + '%',
              height: '100%',
            }),
          ),
      ],
    ],
    'No call has waited for an environment.',
  );
}

function showColdStarts(view, environments) {
  const { total, functions, timeline } = view;
  const since = new Date(view.sinceMs).toLocaleString([], { hour12: false });
  fill(
    'cold-summary',
    make('strong', percentText(total.share)),
    ' of the calls since ' + since + ' waited for an environment: ',
    total.coldStarts.toLocaleString() + ' of ' + plural(total.invocations, 'call'),
    total.coldStarts === 0
      ? '.'
      : '; half of them at most ' +
          milliseconds(total.phases.cold.p50Us) +
          ', 99 of 100 at most ' +
          milliseconds(total.phases.cold.p99Us) +
          '.',
  );
  fill('cold-chart', timeline.slots.length === 0 ? make('p', 'Nothing has run yet.', 'empty') : coldChart(timeline));
  const waited = functions.filter(({ coldStarts }) => coldStarts > 0);
  const longestUs = Math.max(
    1,
    ...waited.map(({ phases }) => coldPhases.reduce((all, name) => all + phases[name].p50Us, 0)),
  );
  fill(
    'cold-functions',
    table(
      waited,
      [
        [
          'Function',
          (f) => make('span', [make('strong', f.functionName), make('span', ' ' + f.runtime, 'dim')]),
          'short',
        ],
        ['Package', (f) => bytes(f.packageBytes), 'number'],
        ['Calls', (f) => f.invocations.toLocaleString(), 'number'],
        ['Waited', (f) => f.coldStarts.toLocaleString(), 'number'],
        ['Share', (f) => percentText(f.share), 'number'],
        ['Where half of them waited at most', (f) => medianBar(f, longestUs)],
        ['p50', (f) => milliseconds(f.phases.cold.p50Us), 'number'],
        ['p99', (f) => milliseconds(f.phases.cold.p99Us), 'number'],
      ],
      'No call has waited for an environment.',
    ),
  );
  fill('cold-reasons', reasonBars(total));
  const longest = Math.max(1, ...environments.map((e) => e.first?.coldUs ?? 0));
  fill(
    'cold-latest',
    table(
      environments,
      [
        [
          'Time',
          (e) => (e.first ? whyButton(clockTime(e.startedMs), e.first.requestId) : clockTime(e.startedMs)),
          'short',
        ],
        ['Function', (e) => make('span', [e.functionName, make('span', ' ' + e.start, 'dim')]), 'short'],
        ['Why', (e) => make('span', e.why)],
        ['Waited', (e) => waitBar(e, longest)],
        ['', (e) => (e.first === undefined ? '' : milliseconds(e.first.coldUs)), 'number'],
      ],
      'No call has waited for an environment.',
    ),
  );
}

/** What was not its start was waiting. */
function waitBar({ first, placeUs, provisionUs, initUs = 0 }, longestUs) {
  if (first === undefined) return '';
  const queueUs = Math.max(0, first.coldUs - placeUs - provisionUs - initUs);
  return phaseBar({ queueUs, placeUs, provisionUs, initUs, handlerUs: 0, replyUs: 0 }, longestUs);
}

async function refreshColdStarts() {
  const since = Date.now() - rangeMs;
  const [view, { environments }] = await Promise.all([
    getJson('cold-starts?since=' + since),
    getJson('environments?limit=' + latestShown + '&since=' + since),
  ]);
  showColdStarts(view, environments);
}

for (const [words, ms] of ranges) {
  const button = make('button', words);
  button.type = 'button';
  button.setAttribute('aria-pressed', String(ms === rangeMs));
  button.addEventListener('click', () => {
    rangeMs = ms;
    for (const other of byId('cold-ranges').children) other.setAttribute('aria-pressed', String(other === button));
    refreshColdStarts().catch((error) => trouble(error.message));
  });
  byId('cold-ranges').append(button);
}
