// What one Node.js environment (the main thread's or a worker's) holds, and its end.
#pragma once

#include <node_api.h>

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "lane.h"
#include "mock.h"
#include "row_encoder.h"
#include "socket_reader.h"
#include "tasks.h"
#include "wake.h"
#include "zstd_reader.h"

namespace millrace {

class Environment {
 public:
  /// Attaches a new one to `env`; it is deleted, and all its threads are joined, when `env` ends.
  static void attach(napi_env env);
  static Environment& of(napi_env env);

  std::shared_ptr<Wake> wake() const { return wake_; }
  Tasks& tasks() { return tasks_; }

  uint32_t addLane(std::unique_ptr<Lane> lane);
  /// Null when there is no such lane.
  Lane* lane(uint32_t id) const;
  void dropLane(uint32_t id);

  uint32_t addMock(std::unique_ptr<MockCluster> mock);
  MockCluster* mock(uint32_t id) const;
  void dropMock(uint32_t id);

  uint32_t addSocketReader(std::unique_ptr<SocketReader> reader);
  SocketReader* socketReader(uint32_t id) const;
  void dropSocketReader(uint32_t id);

  uint32_t addRowEncoder(std::unique_ptr<RowEncoder> encoder);
  RowEncoder* rowEncoder(uint32_t id) const;
  void dropRowEncoder(uint32_t id);

  uint32_t addZstdReader(std::unique_ptr<ZstdReader> reader);
  ZstdReader* zstdReader(uint32_t id) const;
  void dropZstdReader(uint32_t id);

  /// A producer made here ends with the environment. `table` is the view whose memory its poll thread writes.
  void ownProducer(uint32_t handle, napi_value table);
  void disownProducer(uint32_t handle);

 private:
  explicit Environment(napi_env env) : env_(env), wake_(std::make_shared<Wake>()), tasks_(env) {}
  static void onEnd(void* environment);

  const napi_env env_;
  const std::shared_ptr<Wake> wake_;
  Tasks tasks_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::vector<std::unique_ptr<MockCluster>> mocks_;
  std::vector<std::unique_ptr<SocketReader>> socketReaders_;
  std::vector<std::unique_ptr<RowEncoder>> rowEncoders_;
  std::vector<std::unique_ptr<ZstdReader>> zstdReaders_;
  std::map<uint32_t, napi_ref> producers_;
};

}  // namespace millrace
