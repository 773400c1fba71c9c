// All producers of the process, by handle.
#pragma once

#include <cstdint>
#include <memory>

#include "producer.h"

namespace millrace {

/// Makes a producer with the next handle; it is not started.
std::shared_ptr<Producer> registerProducer(ProducerSettings settings);
/// Null for a handle that was never given out or was dropped.
std::shared_ptr<Producer> findProducer(uint32_t handle);
void dropProducer(uint32_t handle);
/// Abandons every producer: the process exits without taking its environments apart.
void abandonAllProducers();

}  // namespace millrace
