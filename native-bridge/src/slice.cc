#include "slice.h"

#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace millrace {

namespace {

/// `struct sched_attr` of the kernel in its first version, which every Linux takes; C libraries have it since glibc 2.41 only.
struct Attributes {
  uint32_t size;
  uint32_t policy;
  uint64_t flags;
  int32_t nice;
  uint32_t priority;
  uint64_t runtime;
  uint64_t deadline;
  uint64_t period;
};

constexpr uint64_t kResetOnFork = 1;

bool read(Attributes& attributes) { return syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0) == 0; }

}  // namespace

uint64_t setSlice(uint64_t nanos) {
  Attributes attributes{};
  // What else is set, such as a nice value, stays.
  if (!read(attributes) || attributes.policy != SCHED_OTHER) return 0;
  attributes.size = sizeof attributes;
  attributes.flags = kResetOnFork;
  attributes.runtime = nanos;
  if (syscall(SYS_sched_setattr, 0, &attributes, 0) != 0 || !read(attributes)) return 0;
  return attributes.runtime;
}

}  // namespace millrace
