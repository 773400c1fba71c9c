#include "row_encoder.h"

#include <cstring>

#include "layout.h"

namespace millrace {

using namespace layout;

namespace {

/// Beyond what any process meets; a guard for the table's size.
constexpr uint32_t kSchemasMax = 1 << 20;

bool isPowerOfTwo(size_t bytes) { return bytes != 0 && (bytes & (bytes - 1)) == 0; }

}  // namespace

/// What the state holds during a run.
struct RowEncoder::Batch {
  uint32_t count;
  uint32_t slabEnd;
  uint32_t valueBytes;
  uint32_t isMixed;
  /// Microseconds since 1970.
  int64_t clock;
};

bool RowEncoder::fits(const RowMemory& memory) {
  size_t targets = memory.targets.bytes / 4;
  return isPowerOfTwo(memory.ring.bytes) && memory.ring.bytes <= 0x4000'0000 && memory.slab.data != nullptr &&
         memory.slab.bytes <= INT32_MAX && targets > 0 && memory.messages.bytes / (MESSAGE_WORDS * 4) >= targets &&
         memory.state.bytes >= RUN_WORDS * 4;
}

RowEncoder::RowEncoder(napi_env env, const RowMemory& memory, const std::vector<napi_value>& values)
    : memory_(memory),
      ringMask_(static_cast<uint32_t>(memory.ring.bytes - 1)),
      capacity_(static_cast<uint32_t>(memory.targets.bytes / 4)) {
  for (napi_value value : values) {
    napi_ref reference;
    napi_create_reference(env, value, 1, &reference);
    references_.push_back(reference);
  }
}

void RowEncoder::release(napi_env env) {
  for (napi_ref reference : references_) napi_delete_reference(env, reference);
}

bool RowEncoder::addTable(uint32_t schemaId, std::unique_ptr<RowProgram> program) {
  if (schemaId >= kSchemasMax || program == nullptr) return false;
  if (programs_.size() <= schemaId) programs_.resize(schemaId + 1);
  programs_[schemaId] = std::move(program);
  return true;
}

RowProgram* RowEncoder::program(uint32_t schemaId) const {
  return schemaId < programs_.size() ? programs_[schemaId].get() : nullptr;
}

uint32_t RowEncoder::run(uint32_t claimed) {
  auto* state = reinterpret_cast<uint32_t*>(memory_.state.data);
  Batch batch{state[RUN_COUNT], state[RUN_SLAB_END], state[RUN_VALUE_BYTES], state[RUN_MIXED],
              static_cast<int64_t>(uint64_t{state[RUN_CLOCK_HIGH]} << 32 | state[RUN_CLOCK_LOW])};
  uint32_t position = state[RUN_POSITION];
  if (batch.count > capacity_ || batch.slabEnd > memory_.slab.bytes) return RUN_UNUSUAL;
  uint32_t end = RUN_ALL;
  while (position != claimed && end == RUN_ALL) {
    uint32_t offset = position & ringMask_;
    const uint8_t* record = memory_.ring.data + offset;
    uint32_t head[2];
    memcpy(head, record, sizeof head);
    uint32_t length = head[0];
    uint32_t kind = head[1] & 0xff;
    // What cannot be is TypeScript's to refuse.
    bool isRecord = length >= 8 && length % 8 == 0 && length <= claimed - position && length <= ringMask_ + 1 - offset;
    if (!isRecord || (kind != RECORD_ROW && kind != RECORD_PAD)) {
      end = RUN_UNUSUAL;
    } else {
      if (kind == RECORD_ROW) end = add(RowRecord(record, length), batch);
      if (end == RUN_ALL) position += length;
    }
  }
  state[RUN_POSITION] = position;
  state[RUN_COUNT] = batch.count;
  state[RUN_SLAB_END] = batch.slabEnd;
  state[RUN_VALUE_BYTES] = batch.valueBytes;
  state[RUN_MIXED] = batch.isMixed;
  return end;
}

uint32_t RowEncoder::add(const RowRecord& row, Batch& batch) {
  if (!row.isWhole()) return RUN_UNUSUAL;
  RowProgram* program = this->program(static_cast<uint32_t>(row.word(ROW_SCHEMA_ID)));
  auto target = static_cast<uint32_t>(row.word(ROW_TARGET));
  if (program == nullptr || target >= TARGET_SLOTS) return RUN_UNUSUAL;
  uint32_t keyLength = row.keyLength();
  uint64_t bound = keyLength + program->bound(row);
  // The bound is a wide one, and few such rows would leave the slab half empty: TypeScript reads a large row for a close one.
  if (bound > memory_.slab.bytes / 4) return RUN_UNUSUAL;
  if (batch.count == capacity_ || bound > memory_.slab.bytes - batch.slabEnd) return RUN_FULL;

  uint8_t* const start = memory_.slab.data + batch.slabEnd;
  uint8_t* const value = start + keyLength;
  uint8_t* end = value;
  RowProgram::Result result = program->write(row, batch.clock, end);
  if (result == RowProgram::Result::kUnusual) return RUN_UNUSUAL;
  auto size = static_cast<uint32_t>(end - start);
  auto limit = static_cast<uint32_t>(row.word(ROW_SIZE_LIMIT));
  if (limit != 0 && size > limit) return RUN_UNUSUAL;
  memcpy(start, row.key(), keyLength);

  auto* targets = reinterpret_cast<uint32_t*>(memory_.targets.data);
  auto* message = reinterpret_cast<uint32_t*>(memory_.messages.data) + size_t{batch.count} * MESSAGE_WORDS;
  bool hasValue = result == RowProgram::Result::kWritten;
  message[MESSAGE_KEY_OFFSET] = batch.slabEnd;
  message[MESSAGE_KEY_LENGTH] = static_cast<uint32_t>(row.word(ROW_KEY_LENGTH));
  message[MESSAGE_VALUE_OFFSET] = batch.slabEnd + keyLength;
  message[MESSAGE_VALUE_LENGTH] = hasValue ? static_cast<uint32_t>(end - value) : NULL_LENGTH;
  message[MESSAGE_TOPIC] = static_cast<uint32_t>(row.word(ROW_TOPIC));
  message[MESSAGE_PARTITION] = static_cast<uint32_t>(row.word(ROW_PARTITION));
  message[MESSAGE_OPAQUE_LOW] = static_cast<uint32_t>(row.word(ROW_ROW_IN_EPOCH));
  message[MESSAGE_OPAQUE_HIGH] = static_cast<uint32_t>(row.word(ROW_EPOCH_AND_TABLE));
  targets[batch.count] = target;
  if (target != targets[0]) batch.isMixed = 1;
  batch.count++;
  batch.slabEnd += size;
  if (hasValue) batch.valueBytes += size - keyLength;
  return RUN_ALL;
}

}  // namespace millrace
