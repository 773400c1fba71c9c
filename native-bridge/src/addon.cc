// The functions that `native-bridge/index.ts` calls. Each reads its arguments, does its work, and throws a Failure where one came.
#include <cstdlib>
#include <mutex>

#include "admin.h"
#include "environment.h"
#include "js.h"
#include "lock.h"
#include "registry.h"
#include "transactions.h"

namespace millrace {

namespace {

Failure closedProducer() { return Failure("PRODUCER_CLOSED", "the producer handle is closed"); }

int64_t deadlineIn(uint32_t milliseconds) { return monotonicNanos() + int64_t{milliseconds} * 1'000'000; }

napi_value createProducer(napi_env env, napi_callback_info info) {
  Arguments args(env, info);
  View table = args.int32View(1);
  if (table.bytes != layout::TABLE_WORDS * 4) return Failure("INTERNAL", "the delivery table has the wrong size").raise(env);
  Environment& environment = Environment::of(env);
  std::string stampsPath = args.string(2);
  Outcome failure;
  std::unique_ptr<Stamps> stamps;
  if (!stampsPath.empty()) stamps = Stamps::open(stampsPath, failure);
  if (failure) return failure->raise(env);
  DeliveryTable delivery(reinterpret_cast<int32_t*>(table.data));
  std::shared_ptr<Producer> producer = registerProducer({args.stringPairs(0), delivery, environment.wake(), std::move(stamps)});
  failure = producer->start();
  if (failure) {
    dropProducer(producer->handle());
    return failure->raise(env);
  }
  environment.ownProducer(producer->handle(), args.at(1));
  return makeNumber(env, producer->handle());
}

napi_value addTopic(napi_env env, napi_callback_info info) {
  Arguments args(env, info);
  std::shared_ptr<Producer> producer = findProducer(args.uint32(0));
  if (producer == nullptr) return closedProducer().raise(env);
  Producer::Use use(*producer);
  if (!use.open()) return closedProducer().raise(env);
  uint32_t index = 0;
  Outcome failure = producer->topics().add(producer->client(), args.string(1), args.uint32(2), args.uint32(3), args.uint32(4), index);
  return failure ? failure->raise(env) : makeNumber(env, index);
}

napi_value attachLane(napi_env env, napi_callback_info info) {
  Arguments args(env, info);
  View slab = args.uint8View(0);
  View messages = args.int32View(1);
  if (slab.data == nullptr || messages.data == nullptr) return Failure("INTERNAL", "a lane needs two views on shared memory").raise(env);
  return makeNumber(env, Environment::of(env).addLane(std::make_unique<Lane>(env, args.at(0), slab, args.at(1), messages)));
}

napi_value detachLane(napi_env env, napi_callback_info info) {
  Arguments args(env, info);
  Environment::of(env).dropLane(args.uint32(0));
  return nullptr;
}

napi_value produce(napi_env env, napi_callback_info info) {
  Arguments args(env, info);
  Lane* lane = Environment::of(env).lane(args.uint32(0));
  if (lane == nullptr) return Failure("INTERNAL", "produce names a lane that is not attached").raise(env);
  std::shared_ptr<Producer> producer = findProducer(args.uint32(1));
  if (producer == nullptr) return closedProducer().raise(env);
  Producer::Use use(*producer);
  if (!use.open()) return closedProducer().raise(env);
  uint32_t accepted = 0;
  Outcome failure = lane->produce(*producer, args.uint32(2), args.uint32(3), args.uint32(4), accepted);
  return failure ? failure->raise(env) : makeNumber(env, accepted);
}

napi_value flush(napi_env env, napi_callback_info info) {
  Arguments args(env, info);
  std::shared_ptr<Producer> producer = findProducer(args.uint32(0));
  if (producer == nullptr) return closedProducer().raise(env);
  int64_t deadline = deadlineIn(args.uint32(1));
  return Environment::of(env).tasks().run(
      [producer, deadline](const std::atomic<bool>& cancelled) { return Tasks::Result{std::nullopt, producer->flush(deadline, cancelled)}; });
}

napi_value purge(napi_env env, napi_callback_info info) {
  Arguments args(env, info);
  std::shared_ptr<Producer> producer = findProducer(args.uint32(0));
  if (producer == nullptr) return closedProducer().raise(env);
  producer->purge();
  return nullptr;
}

napi_value closeProducer(napi_env env, napi_callback_info info) {
  Arguments args(env, info);
  uint32_t handle = args.uint32(0);
  std::shared_ptr<Producer> producer = findProducer(handle);
  if (producer == nullptr) return closedProducer().raise(env);
  int64_t deadline = deadlineIn(args.uint32(1));
  return Environment::of(env).tasks().run([producer, deadline, handle](const std::atomic<bool>& cancelled) {
    bool delivered = producer->close(deadline, cancelled);
    dropProducer(handle);
    return Tasks::Result{std::nullopt, delivered};
  });
}

/// Called after `closeProducer` settled, in the environment that created the producer: its table may be freed.
napi_value releaseProducer(napi_env env, napi_callback_info info) {
  Arguments args(env, info);
  Environment::of(env).disownProducer(args.uint32(0));
  return nullptr;
}

napi_value transaction(napi_env env, napi_callback_info info) {
  Arguments args(env, info);
  std::shared_ptr<Producer> producer = findProducer(args.uint32(0));
  if (producer == nullptr) return closedProducer().raise(env);
  auto step = static_cast<TransactionStep>(args.uint32(1));
  int64_t deadline = deadlineIn(args.uint32(2));
  return Environment::of(env).tasks().run([producer, step, deadline](const std::atomic<bool>& cancelled) {
    return Tasks::Result{takeTransactionStep(*producer, step, deadline, cancelled)};
  });
}

napi_value topicMetadataOf(napi_env env, napi_callback_info info) {
  Arguments args(env, info);
  std::shared_ptr<Producer> producer = findProducer(args.uint32(0));
  if (producer == nullptr) return closedProducer().raise(env);
  return Environment::of(env).tasks().run([producer, topic = args.string(1), timeout = args.int32(2)](const std::atomic<bool>&) {
    TopicMetadata found;
    Tasks::Result result{topicMetadata(*producer, topic, timeout, found)};
    result.entries = {{"error", std::to_string(found.error)},
                      {"errorName", found.errorName},
                      {"partitions", std::to_string(found.partitions)},
                      {"clusterId", found.clusterId}};
    return result;
  });
}

napi_value describeTopicOf(napi_env env, napi_callback_info info) {
  Arguments args(env, info);
  std::shared_ptr<Producer> producer = findProducer(args.uint32(0));
  if (producer == nullptr) return closedProducer().raise(env);
  return Environment::of(env).tasks().run([producer, topic = args.string(1), timeout = args.int32(2)](const std::atomic<bool>&) {
    std::vector<std::pair<std::string, std::string>> config;
    Tasks::Result result;
    result.failure = describeTopic(*producer, topic, timeout, result.value, config);
    if (result.value) result.entries = std::move(config);
    return result;
  });
}

napi_value createTopicOf(napi_env env, napi_callback_info info) {
  Arguments args(env, info);
  std::shared_ptr<Producer> producer = findProducer(args.uint32(0));
  if (producer == nullptr) return closedProducer().raise(env);
  return Environment::of(env).tasks().run(
      [producer, topic = args.string(1), partitions = args.int32(2), replication = args.int32(3), timeout = args.int32(4)](
          const std::atomic<bool>&) { return Tasks::Result{createTopic(*producer, topic, partitions, replication, timeout)}; });
}

napi_value onDelivery(napi_env env, napi_callback_info info) {
  Arguments args(env, info);
  if (!Environment::of(env).wake()->listen(env, args.at(0))) return Failure("INTERNAL", "cannot register the delivery callback").raise(env);
  return nullptr;
}

napi_value takeEvents(napi_env env, napi_callback_info info) {
  Arguments args(env, info);
  std::shared_ptr<Producer> producer = findProducer(args.uint32(0));
  return producer == nullptr ? closedProducer().raise(env) : producer->events().take(env);
}

napi_value queueDepth(napi_env env, napi_callback_info info) {
  Arguments args(env, info);
  std::shared_ptr<Producer> producer = findProducer(args.uint32(0));
  if (producer == nullptr) return closedProducer().raise(env);
  napi_value depth;
  napi_create_object(env, &depth);
  napi_set_named_property(env, depth, "messages", makeNumber(env, static_cast<double>(producer->queuedMessages())));
  napi_set_named_property(env, depth, "bytes", makeNumber(env, static_cast<double>(producer->queuedBytes())));
  return depth;
}

napi_value errorText(napi_env env, napi_callback_info info) {
  Arguments args(env, info);
  auto code = static_cast<rd_kafka_resp_err_t>(args.int32(0));
  return makeString(env, std::string(rd_kafka_err2name(code)) + ": " + rd_kafka_err2str(code));
}

napi_value lock(napi_env env, napi_callback_info info) {
  Arguments args(env, info);
  Outcome failure;
  int file = lockFile(args.string(0), failure);
  return failure ? failure->raise(env) : makeNumber(env, file);
}

napi_value unlock(napi_env env, napi_callback_info info) {
  Arguments args(env, info);
  unlockFile(args.int32(0));
  return nullptr;
}

napi_value monotonic(napi_env env, napi_callback_info) {
  napi_value nanos;
  napi_create_bigint_int64(env, monotonicNanos(), &nanos);
  return nanos;
}

napi_value startMock(napi_env env, napi_callback_info info) {
  Arguments args(env, info);
  Outcome failure;
  std::unique_ptr<MockCluster> mock = MockCluster::start(args.int32(0), failure);
  return failure ? failure->raise(env) : makeNumber(env, Environment::of(env).addMock(std::move(mock)));
}

napi_value mockServers(napi_env env, napi_callback_info info) {
  Arguments args(env, info);
  MockCluster* mock = Environment::of(env).mock(args.uint32(0));
  return makeString(env, mock == nullptr ? "" : mock->bootstrapServers());
}

/// A change of a mock cluster: what to do, then its arguments.
template <typename Change>
napi_value changeMock(napi_env env, napi_callback_info info, Change change) {
  Arguments args(env, info);
  MockCluster* mock = Environment::of(env).mock(args.uint32(0));
  Outcome failure = mock == nullptr ? Outcome(Failure("MOCK_CLUSTER_FAILED", "the mock cluster is closed")) : change(*mock, args);
  return failure ? failure->raise(env) : nullptr;
}

napi_value mockCreateTopic(napi_env env, napi_callback_info info) {
  return changeMock(env, info, [](MockCluster& mock, Arguments& args) { return mock.createTopic(args.string(1), args.int32(2), args.int32(3)); });
}

napi_value mockSetUp(napi_env env, napi_callback_info info) {
  return changeMock(env, info, [](MockCluster& mock, Arguments& args) { return mock.setBrokerUp(args.int32(1), args.int32(2) != 0); });
}

napi_value mockSetLeader(napi_env env, napi_callback_info info) {
  return changeMock(env, info, [](MockCluster& mock, Arguments& args) { return mock.setLeader(args.string(1), args.int32(2), args.int32(3)); });
}

napi_value mockSetRoundTrip(napi_env env, napi_callback_info info) {
  return changeMock(env, info, [](MockCluster& mock, Arguments& args) { return mock.setRoundTrip(args.int32(1), args.int32(2)); });
}

napi_value mockPushErrors(napi_env env, napi_callback_info info) {
  return changeMock(env, info, [](MockCluster& mock, Arguments& args) -> Outcome {
    mock.pushRequestErrors(args.int32(1), args.int32List(2));
    return std::nullopt;
  });
}

napi_value closeMock(napi_env env, napi_callback_info info) {
  Arguments args(env, info);
  Environment::of(env).dropMock(args.uint32(0));
  return nullptr;
}

struct Function {
  const char* name;
  napi_callback callback;
};

constexpr Function kFunctions[] = {
    {"createProducer", createProducer},
    {"addTopic", addTopic},
    {"attachLane", attachLane},
    {"detachLane", detachLane},
    {"produce", produce},
    {"flush", flush},
    {"purge", purge},
    {"closeProducer", closeProducer},
    {"releaseProducer", releaseProducer},
    {"transaction", transaction},
    {"topicMetadata", topicMetadataOf},
    {"describeTopic", describeTopicOf},
    {"createTopic", createTopicOf},
    {"onDelivery", onDelivery},
    {"takeEvents", takeEvents},
    {"queueDepth", queueDepth},
    {"errorText", errorText},
    {"lockFile", lock},
    {"unlockFile", unlock},
    {"monotonicNanos", monotonic},
    {"startMock", startMock},
    {"mockServers", mockServers},
    {"mockCreateTopic", mockCreateTopic},
    {"mockSetUp", mockSetUp},
    {"mockSetLeader", mockSetLeader},
    {"mockSetRoundTrip", mockSetRoundTrip},
    {"mockPushErrors", mockPushErrors},
    {"closeMock", closeMock},
};

/// A process that exits by `process.exit` does not take its environments apart: threads must not outlive what exit handlers destroy.
void stopAtExit() {
  static std::once_flag once;
  std::call_once(once, [] { std::atexit(abandonAllProducers); });
}

napi_value initialise(napi_env env, napi_value exports) {
  for (const Function& function : kFunctions) {
    napi_value value;
    napi_create_function(env, function.name, NAPI_AUTO_LENGTH, function.callback, nullptr, &value);
    napi_set_named_property(env, exports, function.name, value);
  }
  napi_set_named_property(env, exports, "layoutDigest", makeNumber(env, layout::DIGEST));
  napi_set_named_property(env, exports, "compiledVersion", makeNumber(env, RD_KAFKA_VERSION));
  napi_set_named_property(env, exports, "loadedVersion", makeNumber(env, rd_kafka_version()));
  napi_set_named_property(env, exports, "loadedVersionText", makeString(env, rd_kafka_version_str()));
  Environment::attach(env);
  stopAtExit();
  return exports;
}

}  // namespace

}  // namespace millrace

NAPI_MODULE_INIT() { return millrace::initialise(env, exports); }
