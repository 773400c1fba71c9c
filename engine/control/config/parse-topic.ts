import { templateProblem, withoutType } from '../../dispatch/topic-name.ts';
import { Refused, type ValueType } from './parse.ts';

const ACCEPTED =
  'a topic name of Kafka (letters, digits, . _ -, at most 249), in which %{database}, %{schema}, %{table}, %{type} are filled in';

/** The name of a topic, or a template that gives each table one. */
export function topicTemplate(): ValueType<string> {
  return { name: 'text', accepted: ACCEPTED, parse: (given) => checked(given) };
}

/** The same for dead letters, of which all of a table go to one topic. */
export function deadLetterTemplate(): ValueType<string> {
  return { name: 'text', accepted: `${ACCEPTED} (%{type} as nothing)`, parse: (given) => checked(withoutType(given)) };
}

function checked(template: string): string | Refused {
  const problem = templateProblem(template);
  return problem === null ? template : new Refused(problem);
}
