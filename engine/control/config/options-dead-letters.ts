import { optional, type Option } from './option.ts';
import { deadLetterTemplate } from './parse-topic.ts';

/** What becomes of rows that cannot be sent. */
export const DEAD_LETTER_OPTIONS = {
  deadLetterTopic: optional(deadLetterTemplate(), 'none: such a row stops the changefeed', {
    name: 'DEAD_LETTER_TOPIC',
    group: 'Kafka',
    meaning:
      'Topic for rows that cannot be sent as they are: too large, or with a value or key that the format cannot express. ' +
      'Or a template for several: `%{database}`, `%{schema}`, `%{table}`; `%{type}` stands for nothing.',
  }),
} as const satisfies Record<string, Option<unknown>>;
