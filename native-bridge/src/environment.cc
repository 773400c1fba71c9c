#include "environment.h"

#include "registry.h"

namespace millrace {

namespace {

template <typename T>
T* find(const std::vector<std::unique_ptr<T>>& all, uint32_t id) {
  return id < all.size() ? all[id].get() : nullptr;
}

/// Ids are not used twice: who closes something twice must not close another's.
template <typename T>
uint32_t place(std::vector<std::unique_ptr<T>>& all, std::unique_ptr<T> one) {
  all.push_back(std::move(one));
  return static_cast<uint32_t>(all.size() - 1);
}

template <typename T>
void forget(std::vector<std::unique_ptr<T>>& all, uint32_t id) {
  if (find(all, id) != nullptr) all[id] = nullptr;
}

/// For what holds views of JavaScript's memory.
template <typename T>
void drop(napi_env env, std::vector<std::unique_ptr<T>>& all, uint32_t id) {
  T* dropped = find(all, id);
  if (dropped == nullptr) return;
  dropped->release(env);
  all[id] = nullptr;
}

}  // namespace

void Environment::attach(napi_env env) {
  auto* environment = new Environment(env);
  napi_set_instance_data(env, environment, nullptr, nullptr);
  napi_add_env_cleanup_hook(env, onEnd, environment);
}

Environment& Environment::of(napi_env env) {
  void* environment = nullptr;
  napi_get_instance_data(env, &environment);
  return *static_cast<Environment*>(environment);
}

void Environment::onEnd(void* data) {
  std::unique_ptr<Environment> environment(static_cast<Environment*>(data));
  // Producers first: what waits on them in a task then returns. References go with the environment.
  for (auto& [handle, table] : environment->producers_) {
    if (std::shared_ptr<Producer> producer = findProducer(handle)) producer->abandon();
    dropProducer(handle);
  }
  environment->tasks_.stop();
  environment->socketReaders_.clear();
}

uint32_t Environment::addLane(std::unique_ptr<Lane> lane) { return place(lanes_, std::move(lane)); }

Lane* Environment::lane(uint32_t id) const { return find(lanes_, id); }

void Environment::dropLane(uint32_t id) { drop(env_, lanes_, id); }

uint32_t Environment::addMock(std::unique_ptr<MockCluster> mock) { return place(mocks_, std::move(mock)); }

MockCluster* Environment::mock(uint32_t id) const { return find(mocks_, id); }

void Environment::dropMock(uint32_t id) { forget(mocks_, id); }

uint32_t Environment::addSocketReader(std::unique_ptr<SocketReader> reader) { return place(socketReaders_, std::move(reader)); }

SocketReader* Environment::socketReader(uint32_t id) const { return find(socketReaders_, id); }

void Environment::dropSocketReader(uint32_t id) { drop(env_, socketReaders_, id); }

uint32_t Environment::addRowEncoder(std::unique_ptr<RowEncoder> encoder) { return place(rowEncoders_, std::move(encoder)); }

RowEncoder* Environment::rowEncoder(uint32_t id) const { return find(rowEncoders_, id); }

void Environment::dropRowEncoder(uint32_t id) { drop(env_, rowEncoders_, id); }

uint32_t Environment::addZstdReader(std::unique_ptr<ZstdReader> reader) { return place(zstdReaders_, std::move(reader)); }

ZstdReader* Environment::zstdReader(uint32_t id) const { return find(zstdReaders_, id); }

void Environment::dropZstdReader(uint32_t id) { forget(zstdReaders_, id); }

void Environment::ownProducer(uint32_t handle, napi_value table) {
  napi_ref reference;
  napi_create_reference(env_, table, 1, &reference);
  producers_.emplace(handle, reference);
}

void Environment::disownProducer(uint32_t handle) {
  auto found = producers_.find(handle);
  if (found == producers_.end()) return;
  napi_delete_reference(env_, found->second);
  producers_.erase(found);
}

}  // namespace millrace
