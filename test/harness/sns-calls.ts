/** Short words for what tests of SNS do again and again. */
import assert from 'node:assert/strict';
import {
  CreateTopicCommand,
  PublishCommand,
  SubscribeCommand,
  type PublishCommandOutput,
  type SNSServiceException,
} from '@aws-sdk/client-sns';
import type { SnsRig } from './sns-rig.ts';

export const helloArn = 'arn:aws:lambda:us-east-1:000000000000:function:hello';

/** `rig`: as it is when something is called. */
export function snsCalls(rig: () => SnsRig) {
  let made = 0;
  return {
    /** Answers the ARN of a new topic. */
    async topic(Attributes: Record<string, string> = {}, suffix = ''): Promise<string> {
      const input = { Name: `topic-${++made}${suffix}`, Attributes };
      const { TopicArn = '' } = await rig().sns.send(new CreateTopicCommand(input));
      return TopicArn;
    },

    /** Answers the subscription's ARN. */
    async subscribed(
      TopicArn: string,
      Protocol: string,
      Endpoint: string,
      Attributes: Record<string, string> = {},
    ): Promise<string> {
      const input = { TopicArn, Protocol, Endpoint, Attributes, ReturnSubscriptionArn: true };
      return (await rig().sns.send(new SubscribeCommand(input))).SubscriptionArn ?? '';
    },

    publish: (TopicArn: string, Message: string, others: object = {}): Promise<PublishCommandOutput> =>
      rig().sns.send(new PublishCommand({ TopicArn, Message, ...others })),
  };
}

/** What the call is refused with. */
export async function refusal(call: Promise<unknown>): Promise<SNSServiceException> {
  try {
    await call;
  } catch (error) {
    return error as SNSServiceException;
  }
  return assert.fail('it was not refused');
}
