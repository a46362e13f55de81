/** Templates, in whichever of SES's APIs. */
import { parseTemplate, templateBytesMax, type MailTemplate } from '../../resources/mail/template.ts';
import { mailLimits } from '../../resources/mail.ts';
import type { AwsContext } from '../service.ts';
import { noTemplate, refused } from './ses-errors.ts';
import type { SesParts } from './ses-parts.ts';

export type TemplateText = { subject: string | undefined; text: string | undefined; html: string | undefined };

/** Throws AlreadyExists, InvalidTemplate, LimitExceeded. */
export async function createTemplate(
  { mails, clock }: SesParts,
  { account }: AwsContext,
  name: string,
  given: TemplateText,
): Promise<void> {
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(name)) throw refused('InvalidTemplate', `The template name ${name} is not valid.`);
  if (mails.templates.get(account, name) !== undefined)
    throw refused('AlreadyExists', `Template ${name} already exists for account id ${account}`);
  if (mails.templates.count(account) >= mailLimits.templatesMax)
    throw refused('LimitExceeded', `An account has at most ${mailLimits.templatesMax} templates.`);
  await mails.templates.put(account, name, checked(given, clock.now()));
}

/** Throws TemplateDoesNotExist. */
export async function updateTemplate(
  { mails }: SesParts,
  { account }: AwsContext,
  name: string,
  given: TemplateText,
): Promise<void> {
  const present = mails.templates.get(account, name);
  if (present === undefined) throw noTemplate(name);
  await mails.templates.put(account, name, checked(given, present.createdMs));
}

function checked({ subject, text, html }: TemplateText, createdMs: number): MailTemplate {
  if (subject === undefined && text === undefined && html === undefined)
    throw refused('InvalidTemplate', 'The template has neither a subject nor a text.');
  const bytes = [subject, text, html].reduce((sum, one) => sum + Buffer.byteLength(one ?? ''), 0);
  if (bytes > templateBytesMax)
    throw refused('InvalidTemplate', `The template has more than ${templateBytesMax} bytes.`);
  for (const one of [subject, text, html]) if (one !== undefined) parseTemplate(one);
  return {
    createdMs,
    ...(subject !== undefined && { subject }),
    ...(text !== undefined && { text }),
    ...(html !== undefined && { html }),
  };
}
