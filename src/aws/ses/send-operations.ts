import type {
  BulkEmailDestinationStatus,
  Destination,
  SendBulkTemplatedEmailRequest,
  SendBulkTemplatedEmailResponse,
  SendEmailRequest,
  SendEmailResponse,
  SendRawEmailRequest,
  SendRawEmailResponse,
  SendTemplatedEmailRequest,
  SendTemplatedEmailResponse,
} from '@aws-sdk/client-ses';
import { PlatformError } from '../../util/errors.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { needTemplate, renderTemplate, sendRaw, sendWritten, type Destinations } from './send-mail.ts';
import { sendingAccess, sendingRawAccess } from './ses-access.ts';
import { invalidParameter } from './ses-errors.ts';
import type { SesParts } from './ses-parts.ts';

/** https://docs.aws.amazon.com/ses/latest/APIReference/API_SendBulkTemplatedEmail.html */
const bulkMax = 50;

const destinationsOf = (destination: Destination | undefined): Destinations => ({
  to: destination?.ToAddresses ?? [],
  cc: destination?.CcAddresses ?? [],
  bcc: destination?.BccAddresses ?? [],
});

export const sendEmail = (parts: SesParts): OperationEntry => ({
  access: (context, { Source }: SendEmailRequest) => sendingAccess(parts, context, 'SendEmail', Source),
  async run(context: AwsContext, input: SendEmailRequest): Promise<SendEmailResponse> {
    const { Source: from = '', Destination: destination, Message, ReplyToAddresses: replyTo = [] } = input;
    const [text, html] = [Message?.Body?.Text?.Data, Message?.Body?.Html?.Data];
    const MessageId = await sendWritten(parts, context, {
      from,
      replyTo,
      destinations: destinationsOf(destination),
      configurationSet: input.ConfigurationSetName,
      written: {
        subject: Message?.Subject?.Data ?? '',
        ...(text !== undefined && { text }),
        ...(html !== undefined && { html }),
      },
    });
    return { MessageId };
  },
});

export const sendRawEmail = (parts: SesParts): OperationEntry => ({
  access: (context, { Source, RawMessage }: SendRawEmailRequest) =>
    sendingRawAccess(parts, context, Source, RawMessage?.Data),
  async run(context: AwsContext, input: SendRawEmailRequest): Promise<SendRawEmailResponse> {
    const MessageId = await sendRaw(parts, context, {
      data: input.RawMessage?.Data ?? new Uint8Array(),
      from: input.Source,
      recipients: input.Destinations?.length === 0 ? undefined : input.Destinations,
      configurationSet: input.ConfigurationSetName,
    });
    return { MessageId };
  },
});

export const sendTemplatedEmail = (parts: SesParts): OperationEntry => ({
  access: (context, { Source }: SendTemplatedEmailRequest) =>
    sendingAccess(parts, context, 'SendTemplatedEmail', Source),
  async run(context: AwsContext, input: SendTemplatedEmailRequest): Promise<SendTemplatedEmailResponse> {
    const written = renderTemplate(needTemplate(parts, context, input.Template), input.TemplateData);
    const MessageId = await sendWritten(parts, context, {
      from: input.Source ?? '',
      replyTo: input.ReplyToAddresses ?? [],
      destinations: destinationsOf(input.Destination),
      configurationSet: input.ConfigurationSetName,
      written,
    });
    return { MessageId };
  },
});

/** Each by itself: one that cannot be sent holds up no other. */
export const sendBulkTemplatedEmail = (parts: SesParts): OperationEntry => ({
  access: (context, { Source }: SendBulkTemplatedEmailRequest) =>
    sendingAccess(parts, context, 'SendBulkTemplatedEmail', Source),
  async run(context: AwsContext, input: SendBulkTemplatedEmailRequest): Promise<SendBulkTemplatedEmailResponse> {
    const template = needTemplate(parts, context, input.Template);
    const { Destinations: destinations = [] } = input;
    if (destinations.length === 0 || destinations.length > bulkMax)
      throw invalidParameter(
        `There are ${destinations.length} destinations; 1 to ${bulkMax} are accepted.`,
        'Destinations',
      );
    const Status: BulkEmailDestinationStatus[] = [];
    for (const { Destination: destination, ReplacementTemplateData: data } of destinations) {
      Status.push(
        await outcomeOf(() =>
          sendWritten(parts, context, {
            from: input.Source ?? '',
            replyTo: input.ReplyToAddresses ?? [],
            destinations: destinationsOf(destination),
            configurationSet: input.ConfigurationSetName,
            written: renderTemplate(template, input.DefaultTemplateData, data),
          }),
        ),
      );
    }
    return { Status };
  },
});

const statusOf: Readonly<Record<string, BulkEmailDestinationStatus['Status']>> = {
  MessageRejected: 'MessageRejected',
  AccountSendingPausedException: 'AccountSendingPaused',
  ConfigurationSetDoesNotExist: 'ConfigurationSetDoesNotExist',
  TemplateDoesNotExist: 'TemplateDoesNotExist',
  InvalidParameterValue: 'InvalidParameterValue',
};

async function outcomeOf(send: () => Promise<string>): Promise<BulkEmailDestinationStatus> {
  try {
    return { Status: 'Success', MessageId: await send() };
  } catch (error) {
    if (!(error instanceof PlatformError) || error.fault !== 'caller') throw error;
    return { Status: statusOf[error.reason ?? ''] ?? 'Failed', Error: error.message };
  }
}
