import type {
  Attachment,
  BulkEmailEntryResult,
  Destination,
  EmailContent,
  MessageHeader,
  SendBulkEmailRequest,
  SendBulkEmailResponse,
  SendEmailRequest,
  SendEmailResponse,
} from '@aws-sdk/client-sesv2';
import type { MailAttachment } from '../../events/compose-mail.ts';
import { PlatformError } from '../../util/errors.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { badRequest, second } from './second-api.ts';
import { needTemplate, renderTemplate, sendRaw, sendWritten, type Destinations, type Written } from './send-mail.ts';
import { sendingAccess, sendingRawAccess } from './ses-access.ts';
import type { SesParts } from './ses-parts.ts';

/** https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendBulkEmail.html */
const bulkMax = 50;

const destinationsOf = (destination: Destination | undefined): Destinations => ({
  to: destination?.ToAddresses ?? [],
  cc: destination?.CcAddresses ?? [],
  bcc: destination?.BccAddresses ?? [],
});

export const sendEmailSecond = (parts: SesParts): OperationEntry =>
  second<SendEmailRequest, SendEmailResponse>(
    (context, input) =>
      input.Content?.Raw === undefined
        ? sendingAccess(parts, context, 'SendEmail', input.FromEmailAddress)
        : sendingRawAccess(parts, context, input.FromEmailAddress, input.Content.Raw.Data),
    async (context, input) => {
      const { Content: content, FromEmailAddress: from, ConfigurationSetName: configurationSet } = input;
      if (content?.Raw !== undefined) {
        const { to, cc, bcc } = destinationsOf(input.Destination);
        const named = [...to, ...cc, ...bcc];
        const recipients = named.length === 0 ? undefined : named;
        const data = content.Raw.Data ?? new Uint8Array();
        return { MessageId: await sendRaw(parts, context, { data, from, recipients, configurationSet }) };
      }
      const { Headers, Attachments } = content?.Simple ?? content?.Template ?? {};
      const MessageId = await sendWritten(parts, context, {
        from: from ?? '',
        replyTo: input.ReplyToAddresses ?? [],
        destinations: destinationsOf(input.Destination),
        configurationSet,
        written: writtenOf(parts, context, content),
        headers: headersOf(Headers),
        attachments: (Attachments ?? []).map(attachmentOf),
      });
      return { MessageId };
    },
  );

function writtenOf(parts: SesParts, context: AwsContext, content: EmailContent | undefined): Written {
  if (content?.Simple !== undefined) {
    const { Subject, Body } = content.Simple;
    const [text, html] = [Body?.Text?.Data, Body?.Html?.Data];
    return {
      subject: Subject?.Data ?? '',
      ...(text !== undefined && { text }),
      ...(html !== undefined && { html }),
    };
  }
  if (content?.Template !== undefined) return fromTemplate(parts, context, content.Template, undefined);
  throw badRequest('The content of the mail is missing: Simple, Raw or Template is accepted.');
}

function fromTemplate(
  parts: SesParts,
  context: AwsContext,
  { TemplateName, TemplateArn, TemplateContent, TemplateData }: NonNullable<EmailContent['Template']>,
  replaced: string | undefined,
): Written {
  const { Subject: subject, Text: text, Html: html } = TemplateContent ?? {};
  const template =
    TemplateContent === undefined
      ? needTemplate(parts, context, TemplateName ?? TemplateArn?.split('/').at(-1))
      : {
          createdMs: 0,
          ...(subject !== undefined && { subject }),
          ...(text !== undefined && { text }),
          ...(html !== undefined && { html }),
        };
  return renderTemplate(template, TemplateData, replaced);
}

const headersOf = (headers: readonly MessageHeader[] | undefined): { name: string; value: string }[] =>
  (headers ?? []).map(({ Name: name = '', Value: value = '' }) => ({ name, value }));

const attachmentOf = ({ FileName, RawContent, ContentType, ContentId }: Attachment): MailAttachment => ({
  name: FileName ?? '',
  content: Buffer.from(RawContent ?? new Uint8Array()),
  ...(ContentType !== undefined && { contentType: ContentType }),
  ...(ContentId !== undefined && { contentId: ContentId }),
});

/** Each by itself: one that cannot be sent holds up no other. */
export const sendBulkEmail = (parts: SesParts): OperationEntry =>
  second<SendBulkEmailRequest, SendBulkEmailResponse>(
    (context, input) => sendingAccess(parts, context, 'SendBulkEmail', input.FromEmailAddress),
    async (context, input) => {
      const { BulkEmailEntries: entries = [], DefaultContent } = input;
      const template = DefaultContent?.Template;
      if (template === undefined) throw badRequest('The template of DefaultContent is missing.');
      if (entries.length === 0 || entries.length > bulkMax)
        throw badRequest(`There are ${entries.length} entries; 1 to ${bulkMax} are accepted.`);
      // What is wrong with the template is wrong for all of them.
      if (template.TemplateContent === undefined)
        needTemplate(parts, context, template.TemplateName ?? template.TemplateArn?.split('/').at(-1));
      const results: BulkEmailEntryResult[] = [];
      for (const { Destination: destination, ReplacementEmailContent, ReplacementHeaders } of entries) {
        const data = ReplacementEmailContent?.ReplacementTemplate?.ReplacementTemplateData;
        results.push(
          await outcomeOf(() =>
            sendWritten(parts, context, {
              from: input.FromEmailAddress ?? '',
              replyTo: input.ReplyToAddresses ?? [],
              destinations: destinationsOf(destination),
              configurationSet: input.ConfigurationSetName,
              written: fromTemplate(parts, context, template, data),
              headers: headersOf(ReplacementHeaders ?? template.Headers),
              attachments: (template.Attachments ?? []).map(attachmentOf),
            }),
          ),
        );
      }
      return { BulkEmailEntryResults: results };
    },
  );

const statusOf: Readonly<Record<string, BulkEmailEntryResult['Status']>> = {
  MessageRejected: 'MESSAGE_REJECTED',
  AccountSendingPausedException: 'ACCOUNT_SENDING_PAUSED',
  ConfigurationSetDoesNotExist: 'CONFIGURATION_SET_NOT_FOUND',
  TemplateDoesNotExist: 'TEMPLATE_NOT_FOUND',
  InvalidParameterValue: 'INVALID_PARAMETER',
};

async function outcomeOf(send: () => Promise<string>): Promise<BulkEmailEntryResult> {
  try {
    return { Status: 'SUCCESS', MessageId: await send() };
  } catch (error) {
    if (!(error instanceof PlatformError) || error.fault !== 'caller') throw error;
    return { Status: statusOf[error.reason ?? ''] ?? 'FAILED', Error: error.message };
  }
}
