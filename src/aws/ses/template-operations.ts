import type {
  CreateTemplateRequest,
  DeleteTemplateRequest,
  GetTemplateRequest,
  GetTemplateResponse,
  ListTemplatesRequest,
  ListTemplatesResponse,
  Template,
  TestRenderTemplateRequest,
  TestRenderTemplateResponse,
  UpdateTemplateRequest,
} from '@aws-sdk/client-ses';
import type { AwsContext, OperationEntry } from '../service.ts';
import { pageOf } from './pages.ts';
import { needTemplate, renderTemplate } from './send-mail.ts';
import { sesAccess } from './ses-access.ts';
import type { SesParts } from './ses-parts.ts';
import { createTemplate, updateTemplate, type TemplateText } from './templates.ts';

const textOf = (template: Template | undefined): TemplateText => ({
  subject: template?.SubjectPart,
  text: template?.TextPart,
  html: template?.HtmlPart,
});

export const createTemplateOperation = (parts: SesParts): OperationEntry => ({
  access: (context) => sesAccess(context, 'CreateTemplate'),
  async run(context: AwsContext, { Template: template }: CreateTemplateRequest): Promise<object> {
    await createTemplate(parts, context, template?.TemplateName ?? '', textOf(template));
    return {};
  },
});

export const updateTemplateOperation = (parts: SesParts): OperationEntry => ({
  access: (context) => sesAccess(context, 'UpdateTemplate'),
  async run(context: AwsContext, { Template: template }: UpdateTemplateRequest): Promise<object> {
    await updateTemplate(parts, context, template?.TemplateName ?? '', textOf(template));
    return {};
  },
});

export const getTemplate = (parts: SesParts): OperationEntry => ({
  access: (context) => sesAccess(context, 'GetTemplate'),
  run(context: AwsContext, { TemplateName }: GetTemplateRequest): Promise<GetTemplateResponse> {
    const { subject, text, html } = needTemplate(parts, context, TemplateName);
    return Promise.resolve({ Template: { TemplateName, SubjectPart: subject, TextPart: text, HtmlPart: html } });
  },
});

export const listTemplates = ({ mails }: SesParts): OperationEntry => ({
  access: (context) => sesAccess(context, 'ListTemplates'),
  run(context: AwsContext, { NextToken, MaxItems }: ListTemplatesRequest): Promise<ListTemplatesResponse> {
    const { page, ...next } = pageOf(mails.templates.list(context.account), NextToken, MaxItems ?? 100);
    const TemplatesMetadata = page.map(({ name, value }) => ({
      Name: name,
      CreatedTimestamp: new Date(value.createdMs),
    }));
    return Promise.resolve({ TemplatesMetadata, ...next });
  },
});

/** One that is not there is deleted, too. */
export const deleteTemplate = ({ mails }: SesParts): OperationEntry => ({
  access: (context) => sesAccess(context, 'DeleteTemplate'),
  async run(context: AwsContext, { TemplateName = '' }: DeleteTemplateRequest): Promise<object> {
    await mails.templates.delete(context.account, TemplateName);
    return {};
  },
});

export const testRenderTemplate = (parts: SesParts): OperationEntry => ({
  access: (context) => sesAccess(context, 'TestRenderTemplate'),
  run(context: AwsContext, input: TestRenderTemplateRequest): Promise<TestRenderTemplateResponse> {
    const written = renderTemplate(needTemplate(parts, context, input.TemplateName), input.TemplateData);
    return Promise.resolve({ RenderedTemplate: renderedText(written) });
  },
});

/** As a mail would look. */
export function renderedText({ subject, text, html }: ReturnType<typeof renderTemplate>): string {
  const parts = [
    ...(text === undefined ? [] : [`Content-Type: text/plain; charset=UTF-8\r\n\r\n${text}`]),
    ...(html === undefined ? [] : [`Content-Type: text/html; charset=UTF-8\r\n\r\n${html}`]),
  ];
  return `Subject: ${subject}\r\nMIME-Version: 1.0\r\n${parts.join('\r\n\r\n')}`;
}
