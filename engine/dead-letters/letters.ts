import { topicPattern } from '../dispatch/topic-name.ts';
import { identityOf, storedLetter, type StoredLetter } from './stored-letter.ts';
import type { TopicReader } from './topic-reader.ts';

const NO_DATA = Buffer.alloc(0);

/**
 * All dead letters of a changefeed, by topic, partition and offset: so those of one key are in the order of the log. The option may be a
 * template: every topic whose name fits is looked through, and what is no letter of the changefeed is passed over. Of several letters of
 * one row the last is given.
 * @param isWanted whose bytes are kept: all of them may be more than memory holds
 */
export async function readLetters(
  reader: TopicReader,
  template: string,
  changefeed: string,
  isWanted: (letter: StoredLetter) => boolean,
): Promise<StoredLetter[]> {
  const pattern = topicPattern(template);
  const letters = new Map<string, StoredLetter>();
  const topics = [...(await reader.topics())].filter(([topic]) => pattern.test(topic)).toSorted(([a], [b]) => (a < b ? -1 : 1));
  for (const [topic, partitions] of topics) {
    for (let partition = 0; partition < partitions; partition++) {
      await reader.read(topic, partition, 0, (record) => {
        const letter = storedLetter(record);
        if (letter === null || letter.changefeed !== changefeed) return;
        const identity = identityOf(letter);
        // In the place of the later one.
        letters.delete(identity);
        letters.set(identity, isWanted(letter) ? letter : { ...letter, data: NO_DATA });
      });
    }
  }
  return [...letters.values()];
}
