// How long a thread runs when others wait for its processor.
#pragma once

#include <cstdint>

namespace millrace {

/// Asks the kernel for time slices of `nanos` for this thread, which needs no privilege: a thread that seldom runs then comes before those
/// that always do, and its share of the processor stays what it was. Threads and processes that it starts have slices of the usual length.
/// Returns the slice that holds, in nanoseconds; 0 where the kernel has none of its own for a thread (Linux before 6.12, other policies).
uint64_t setSlice(uint64_t nanos);

}  // namespace millrace
