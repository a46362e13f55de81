/** `topic: news`: what is published to a topic, each message by itself. */
import { sourceLimits, type BindingSource } from '../../registry/binding.ts';
import { defaulted, either, object, optional, required } from '../shape/compound.ts';
import { choice } from '../shape/scalar.ts';
import { refine, type Shape } from '../shape/shape.ts';
import { anyValue } from './any-value.ts';
import { topicName } from './names.ts';

export type TopicSource = Extract<BindingSource, { kind: 'topic' }>;

const fromMap = object(
  {
    name: required(topicName, 'The topic. It is created if it is not there.', 'name: news'),
    filter: optional(
      anyValue('the filter', sourceLimits.inputLengthMax),
      "Which messages: SNS's filter policy, such as { kind: [order], price: [{ numeric: ['>', 10] }] }.",
    ),
    filterOn: defaulted(
      choice<TopicSource['filterScope']>({
        words: { attributes: 'attributes', body: 'body' },
        accepts: 'attributes or body',
      }),
      'attributes',
      'attributes',
      'What the filter is held against: the attributes of a message, or its body, which then is JSON.',
    ),
  },
  {
    accepts: 'a map of name, filter and filterOn',
    hints: {
      arn: "it is called name, and takes the topic's name alone",
      topicname: 'it is called name',
      displayname: 'it has none here',
      filterpolicy: 'it is called filter',
      filterpolicyscope: 'it is called filterOn: attributes or filterOn: body',
      redrivepolicy: 'dead letters of a function are its deadLetter',
    },
  },
);

export const topicEvent: Shape<TopicSource> = either<TopicSource>({
  text: refine(topicName, (topic) => ({ kind: 'topic', topic, filterScope: 'attributes' }) as const),
  map: refine(fromMap, ({ name, filter, filterOn }): TopicSource => ({
    kind: 'topic',
    topic: name,
    filterScope: filterOn,
    ...(filter !== undefined && { filter }),
  })),
});
