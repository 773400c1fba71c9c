// Encodes runs of row records, from a worker's ring into its batch: the usual rows, many a call. `engine/encode/loop.ts` does the rest.
#pragma once

#include <node_api.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "js.h"
#include "row_program.h"
#include "row_record.h"

namespace millrace {

/// The memory of a batch and of the ring before it, each view held by a reference.
struct RowMemory {
  View ring;
  View slab;
  View messages;
  View targets;
  /// layout::RUN_*: where a run begins, and after it where it ended.
  View state;
};

class RowEncoder {
 public:
  /// `values` are the five views of `memory`, in its order.
  RowEncoder(napi_env env, const RowMemory& memory, const std::vector<napi_value>& values);
  /// Whether the views have sizes that go together.
  static bool fits(const RowMemory& memory);

  void release(napi_env env);

  /// Rows that name `schemaId` are written by this program from now on. False when it is none.
  bool addTable(uint32_t schemaId, std::unique_ptr<RowProgram> program);

  /// Encodes records from the state's ring index up to `claimed`. Returns layout::RUN_*: why it ended.
  uint32_t run(uint32_t claimed);

 private:
  struct Batch;

  RowProgram* program(uint32_t schemaId) const;
  /// RUN_ALL when the row is in the batch.
  uint32_t add(const RowRecord& row, Batch& batch);

  const RowMemory memory_;
  const uint32_t ringMask_;
  const uint32_t capacity_;
  std::vector<napi_ref> references_;
  /// By schema id, which count from small numbers on.
  std::vector<std::unique_ptr<RowProgram>> programs_;
};

}  // namespace millrace
