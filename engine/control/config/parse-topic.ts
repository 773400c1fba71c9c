import { templateProblem } from '../../dispatch/topic-name.ts';
import { Refused, type ValueType } from './parse.ts';

/** The name of a topic, or a template that gives each table one. */
export function topicTemplate(): ValueType<string> {
  return {
    name: 'text',
    accepted:
      'a topic name of Kafka (letters, digits, . _ -, at most 249), in which %{database}, %{schema}, %{table}, %{type} are filled in',
    parse(given) {
      const problem = templateProblem(given);
      return problem === null ? given : new Refused(problem);
    },
  };
}
