import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from './paths.ts';

export interface PartitionVector {
  readonly text: string;
  /** A number of the text's line, by the name of its column. */
  readonly cell: (name: string) => number;
}

/** Texts with their hashes and partitions, made by the Java classes of Maxwell and Kafka. */
export function partitionVectors(): PartitionVector[] {
  const [head, ...lines] = readFileSync(join(projectRoot, 'test/vectors/maxwell/partition-vectors.tsv'), 'utf8').trimEnd().split('\n');
  const names = head!.split('\t');
  return lines.map((line) => {
    const cells = line.split('\t');
    return { text: cells[0]!, cell: (name) => Number(cells[names.indexOf(name)]) };
  });
}
