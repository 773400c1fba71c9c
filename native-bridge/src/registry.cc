#include "registry.h"

#include <mutex>
#include <unordered_map>

namespace millrace {

namespace {

struct Registry {
  std::mutex mutex;
  uint32_t last = 0;
  std::unordered_map<uint32_t, std::shared_ptr<Producer>> producers;
};

// Never destroyed: threads may still look up producers while the process runs its exit handlers.
Registry& registry() {
  static Registry* const instance = new Registry();
  return *instance;
}

}  // namespace

std::shared_ptr<Producer> registerProducer(ProducerSettings settings) {
  Registry& all = registry();
  std::lock_guard<std::mutex> lock(all.mutex);
  uint32_t handle = ++all.last;
  auto producer = std::make_shared<Producer>(handle, std::move(settings));
  all.producers.emplace(handle, producer);
  return producer;
}

std::shared_ptr<Producer> findProducer(uint32_t handle) {
  Registry& all = registry();
  std::lock_guard<std::mutex> lock(all.mutex);
  auto found = all.producers.find(handle);
  return found == all.producers.end() ? nullptr : found->second;
}

void dropProducer(uint32_t handle) {
  Registry& all = registry();
  std::shared_ptr<Producer> dropped;
  std::lock_guard<std::mutex> lock(all.mutex);
  auto found = all.producers.find(handle);
  if (found == all.producers.end()) return;
  dropped = std::move(found->second);
  all.producers.erase(found);
}

void abandonAllProducers() {
  Registry& all = registry();
  std::unordered_map<uint32_t, std::shared_ptr<Producer>> producers;
  {
    std::lock_guard<std::mutex> lock(all.mutex);
    producers.swap(all.producers);
  }
  for (auto& [handle, producer] : producers) producer->abandon();
}

}  // namespace millrace
