// The mailbox: what programs sent by mail and what arrived, and a mail whole where its subject is clicked. Part of the page's script.
const mailsShown = 10;

function showMails({ mails }) {
  const subject = (mail) => {
    const button = make('button', mail.subject || '(no subject)', 'why');
    button.type = 'button';
    button.title = 'The mail as it went over the wire';
    button.dataset.mail = mail.id;
    return button;
  };
  const states = (mail) => {
    if (mail.direction === 'in') return make('span', 'arrived', 'dim');
    const text = [...new Set(mail.recipients.map(({ state }) => state))].join(', ');
    return make('span', text, /bounced|suppressed|complained/.test(text) ? 'failed' : '');
  };
  fill(
    'mails',
    table(
      mails,
      [
        ['Time', ({ timeMs }) => clockTime(timeMs), 'short'],
        ['Subject', subject],
        ['From', ({ from }) => from],
        ['To', ({ recipients }) => recipients.map(({ address }) => address).join(', ')],
        ['', states, 'short'],
      ],
      'The mailbox is empty.',
    ),
  );
}

async function openMail(id) {
  const mail = await getJson('mail/' + encodeURIComponent(id));
  const fates = mail.recipients.map(({ address, state, detail }) => [
    address,
    state + (detail ? ' (' + detail + ')' : ''),
  ]);
  fill(
    'explanation-content',
    make('h3', mail.subject || '(no subject)'),
    described([['From', mail.from], ...fates]),
    make('pre', mail.raw),
  );
  byId('explanation').showModal();
}

document.addEventListener('click', ({ target }) => {
  const id = target.dataset?.mail;
  if (id !== undefined) openMail(id).catch((error) => trouble(error.message));
});

void every(refreshMs, async () => showMails(await getJson('mail?limit=' + mailsShown)));
