// The functions of the addon, grouped by what they are about. Each reads its arguments, does its work, and throws a Failure where one came.
#pragma once

#include <node_api.h>

#include <optional>
#include <vector>

#include "js.h"
#include "producer.h"

namespace millrace {

struct Function {
  const char* name;
  napi_callback callback;
};

std::vector<Function> producerCalls();
std::vector<Function> adminCalls();
std::vector<Function> mockCalls();
std::vector<Function> socketCalls();
std::vector<Function> rowCalls();
std::vector<Function> systemCalls();
std::vector<Function> zstdCalls();

/// Text, end of validity and principal from `index` on; none for an empty text.
std::optional<Token> tokenAt(Arguments& args, size_t index);
/// On the clock of `monotonicNanos`.
int64_t deadlineIn(uint32_t milliseconds);

/// What every call on a handle that is closed or was never given out throws.
Failure closedProducer();

}  // namespace millrace
