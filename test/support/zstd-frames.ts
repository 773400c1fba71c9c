const MAGIC = 0xfd2f_b528;
/** A block has three bits beside its size. */
const BLOCK_BYTES_MAX = 128 * 1024;
const BlockType = { raw: 0, run: 1 } as const;

/** A frame of zstd with `bytes` as they are. */
export function storedFrame(bytes: Uint8Array): Buffer {
  const blocks: Buffer[] = [];
  for (let at = 0; at === 0 || at < bytes.length; at += BLOCK_BYTES_MAX) {
    const content = bytes.subarray(at, at + BLOCK_BYTES_MAX);
    blocks.push(blockHead(BlockType.raw, content.length, at + BLOCK_BYTES_MAX >= bytes.length), Buffer.from(content));
  }
  return Buffer.concat([frameHead(), ...blocks]);
}

/** A frame of `count` runs of 128 KB of one byte: four bytes for each. */
export function runsFrame(byte: number, count: number): Buffer {
  const runs = Array.from({ length: count }, (_, index) => [
    blockHead(BlockType.run, BLOCK_BYTES_MAX, index === count - 1),
    Buffer.of(byte),
  ]);
  return Buffer.concat([frameHead(), ...runs.flat()]);
}

/** No checksum, no size, and a window of 128 KB. */
function frameHead(): Buffer {
  const head = Buffer.alloc(6);
  head.writeUInt32LE(MAGIC);
  head[5] = 7 << 3;
  return head;
}

function blockHead(type: number, size: number, isLast: boolean): Buffer {
  const head = Buffer.alloc(3);
  head.writeUIntLE((isLast ? 1 : 0) | (type << 1) | (size << 3), 0, 3);
  return head;
}
