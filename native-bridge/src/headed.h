// One message with headers: dear, for the few messages that need them.
#pragma once

#include <cstdint>

#include "js.h"
#include "producer.h"

namespace millrace {

/// Produces the message that `descriptor` (layout::MESSAGE_*) finds in `bytes`. `headers` holds name and value in turn, each behind its
/// length in 32 bits. Any thread may give messages to any partition of a topic that lanes do not use. Waits at most `waitMs` while the
/// queue is full or the partition has not acknowledged its first message. The caller holds a `Producer::Use`.
Outcome produceHeaded(Producer& producer, const uint32_t* descriptor, View bytes, View headers, uint32_t waitMs, bool& accepted);

}  // namespace millrace
