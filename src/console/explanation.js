// One call explained, over the page: its phases on one line of time, why it started so, its environment's life. Part of the page's script.
/** Pairs of what and text, without those that have none. */
const described = (pairs) =>
  make(
    'dl',
    pairs.filter(([, text]) => text).flatMap(([what, text]) => [make('dt', what), make('dd', text)]),
  );

/** A line for each phase, which begins where the one before it ends. */
function phaseLines({ phases, totalUs }) {
  let fromUs = 0;
  return phaseNames.map((name) => {
    const us = phases[name + 'Us'];
    const bar = svg(
      'svg',
      { class: 'bar' },
      svg('rect', {
        class: name,
        x: (fromUs / totalUs) * 100 + '%',
        width: us === 0 ? 0 : Math.max(0.3, (us / totalUs) * 100) + '%',
        height: '100%',
      }),
    );
    fromUs += us;
    return { name, us, bar };
  });
}

function environmentLines({ id, startedMs, why, placeUs, provisionUs, initUs = 0, ...life }) {
  const ended = life.ended
    ? clockTime(life.ended.timeMs) + ': ' + life.ended.why
    : life.isLost
      ? 'with the platform, which could not say when'
      : 'not yet';
  return described([
    ['Environment', make('code', id)],
    ['Started', clockTime(startedMs) + '. ' + why],
    [
      'Cost',
      milliseconds(placeUs + provisionUs + initUs) +
        ' to start' +
        (life.memoryBytesMax === undefined
          ? ''
          : ', at most ' + (life.memoryBytesMax / 1_048_576).toFixed(1) + ' MB of ' + life.memoryMb + ' MB') +
        (life.packageBytes === undefined ? '' : ', package ' + bytes(life.packageBytes)),
    ],
    ['Ran', plural(life.invocations, 'call') + ', ' + milliseconds(life.handlerUs) + ' in the handler'],
    ['Ended', ended],
  ]);
}

function attemptSection(attempt, requestId) {
  const { functionName, version, source, status, start, receivedMs, acceptedMs, totalUs } = attempt;
  const about = [
    'version ' + version,
    'attempt ' + attempt.attempt,
    'by ' + source,
    clockTime(receivedMs),
    ...(acceptedMs === undefined ? [] : ['accepted ' + milliseconds((receivedMs - acceptedMs) * 1000) + ' before']),
  ];
  return make('div', [
    make('h3', [
      functionName + ' ',
      make('span', status, status === 'ok' ? 'dim' : 'failed'),
      make('span', ' ' + start, 'dim'),
    ]),
    make('p', [make('code', requestId), ' ' + about.join(' · ')], 'dim'),
    described([
      ['Why', attempt.why],
      ['Advice', attempt.advice],
    ]),
    table(
      phaseLines(attempt),
      [
        ['Phase', ({ name }) => name, 'short'],
        ['', ({ us }) => (us === 0 ? '–' : us < 1000 ? Math.round(us) + ' µs' : milliseconds(us)), 'number'],
        [milliseconds(totalUs) + ' in all, billed ' + attempt.billedMs + ' ms', ({ bar }) => bar],
      ],
      '',
    ),
    attempt.environment === undefined ? '' : environmentLines(attempt.environment),
  ]);
}

async function explain(requestId) {
  const { attempts } = await getJson('invocations/' + encodeURIComponent(requestId));
  fill('explanation-content', ...attempts.map((attempt) => attemptSection(attempt, requestId)));
  byId('explanation').showModal();
}

document.addEventListener('click', ({ target }) => {
  const requestId = target.dataset?.request;
  if (requestId !== undefined) explain(requestId).catch((error) => trouble(error.message));
});
byId('explanation-close').addEventListener('click', () => byId('explanation').close());
byId('explanation').addEventListener('click', ({ target, currentTarget }) => {
  if (target === currentTarget) currentTarget.close();
});
