import { shell } from '../base/remedy.ts';
import type { Config } from '../control/config/config.ts';
import { isTemplate, topicNames } from '../dispatch/topic-name.ts';
import { letterTopicProblem } from '../produce/sink-topics.ts';
import type { TopicFacts } from '../produce/topics.ts';
import { alterTopicCommand } from './kafka-commands.ts';
import type { SourceReport } from './source.ts';
import type { SinkStep } from './step-names.ts';
import type { Steps } from './steps.ts';

/** The topics that dead letters go to, as far as they are known: those of a template are with the tables. */
export function letterTopics({ kafka }: Config, tables: SourceReport['tables']): string[] {
  const template = kafka.deadLetterTopic;
  if (template === null) return [];
  if (!isTemplate(template)) return [template];
  const names = (tables ?? []).flatMap((table) => topicNames(template, table, 'MILLRACE_DEAD_LETTER_TOPIC'));
  return [...new Set(names)];
}

/** The configuration as it holds for topics of dead letters: with partitions as they are, and limits of their own. */
export function ofLetters(config: Config): Config {
  return { ...config, kafka: { ...config.kafka, partitionNum: null, maxMessageBytes: null } };
}

/** Whether the topic can hold dead letters. */
export function tellLetters(facts: TopicFacts, config: Config, steps: Steps<SinkStep>): void {
  const problem = letterTopicProblem(facts);
  if (problem === null) return steps.pass('message_size', `dead letters of up to ${facts.maxMessageBytes} bytes`, facts.name);
  const [step, setting, value] = facts.compacted
    ? (['cleanup_policy', 'cleanup.policy', 'delete'] as const)
    : (['message_size', 'max.message.bytes', 10_485_760] as const);
  steps.fail(step, problem.code, problem.message, [shell(alterTopicCommand(config.kafka, facts.name, setting, value))], facts.name);
}
