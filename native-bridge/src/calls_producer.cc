#include "calls.h"
#include "environment.h"
#include "headed.h"
#include "registry.h"
#include "transactions.h"

namespace millrace {

namespace {

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
  uint32_t partitions = args.uint32(2);
  uint32_t targetBase = args.uint32(3);
  uint32_t index = 0;
  Outcome failure = producer->topics().add(producer->client(), args.string(1), partitions, targetBase, args.uint32(4), index);
  if (!failure) producer->table().forgetAcknowledged(targetBase, partitions);
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
  if (producer->renewing()) {
    // As if the queue were full.
    producer->awaitRenewal(deadlineIn(args.uint32(4)));
    return makeNumber(env, 0);
  }
  Producer::Use use(*producer);
  if (!use.open()) return closedProducer().raise(env);
  uint32_t accepted = 0;
  Outcome failure = lane->produce(*producer, args.uint32(2), args.uint32(3), args.uint32(4), accepted);
  return failure ? failure->raise(env) : makeNumber(env, accepted);
}

napi_value produceHeaded(napi_env env, napi_callback_info info) {
  Arguments args(env, info);
  std::shared_ptr<Producer> producer = findProducer(args.uint32(0));
  if (producer == nullptr) return closedProducer().raise(env);
  View message = args.int32View(1);
  if (message.bytes != layout::MESSAGE_WORDS * 4) return Failure("INTERNAL", "a message with headers needs one descriptor").raise(env);
  if (producer->renewing()) {
    producer->awaitRenewal(deadlineIn(args.uint32(4)));
    return makeNumber(env, 0);
  }
  Producer::Use use(*producer);
  if (!use.open()) return closedProducer().raise(env);
  bool accepted = false;
  auto* descriptor = reinterpret_cast<const uint32_t*>(message.data);
  Outcome failure = millrace::produceHeaded(*producer, descriptor, args.uint8View(2), args.uint8View(3), args.uint32(4), accepted);
  return failure ? failure->raise(env) : makeNumber(env, accepted ? 1 : 0);
}

napi_value flush(napi_env env, napi_callback_info info) {
  Arguments args(env, info);
  std::shared_ptr<Producer> producer = findProducer(args.uint32(0));
  if (producer == nullptr) return closedProducer().raise(env);
  int64_t deadline = deadlineIn(args.uint32(1));
  return Environment::of(env).tasks().run([producer, deadline](const std::atomic<bool>& cancelled) {
    return Tasks::Result{std::nullopt, producer->flush(deadline, cancelled)};
  });
}

napi_value purge(napi_env env, napi_callback_info info) {
  Arguments args(env, info);
  std::shared_ptr<Producer> producer = findProducer(args.uint32(0));
  if (producer == nullptr) return closedProducer().raise(env);
  producer->purge();
  return nullptr;
}

napi_value cutConnections(napi_env env, napi_callback_info info) {
  Arguments args(env, info);
  std::shared_ptr<Producer> producer = findProducer(args.uint32(0));
  if (producer != nullptr) producer->connections().cut();
  return nullptr;
}

napi_value cutAfterPause(napi_env env, napi_callback_info info) {
  Arguments args(env, info);
  std::shared_ptr<Producer> producer = findProducer(args.uint32(0));
  if (producer == nullptr) return closedProducer().raise(env);
  producer->connections().cutAfterPause(int64_t{args.uint32(1)} * 1'000'000);
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

napi_value setCredentials(napi_env env, napi_callback_info info) {
  Arguments args(env, info);
  std::shared_ptr<Producer> producer = findProducer(args.uint32(0));
  if (producer == nullptr) return closedProducer().raise(env);
  Outcome failure = producer->setCredentials(args.string(1), args.string(2));
  return failure ? failure->raise(env) : nullptr;
}

napi_value setToken(napi_env env, napi_callback_info info) {
  Arguments args(env, info);
  std::shared_ptr<Producer> producer = findProducer(args.uint32(0));
  if (producer == nullptr) return closedProducer().raise(env);
  Outcome failure = producer->setToken(*tokenAt(args, 1));
  return failure ? failure->raise(env) : nullptr;
}

napi_value renewProducer(napi_env env, napi_callback_info info) {
  Arguments args(env, info);
  std::shared_ptr<Producer> producer = findProducer(args.uint32(0));
  if (producer == nullptr) return closedProducer().raise(env);
  return Environment::of(env).tasks().run(
      [producer, config = args.stringPairs(1), timeoutMs = args.uint32(2), token = tokenAt(args, 3)](const std::atomic<bool>& cancelled) {
        return Tasks::Result{producer->renew(config, token, timeoutMs, cancelled)};
      });
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

napi_value writeRecords(napi_env env, napi_callback_info info) {
  Arguments args(env, info);
  std::shared_ptr<Producer> producer = findProducer(args.uint32(0));
  if (producer == nullptr) return closedProducer().raise(env);
  return Environment::of(env).tasks().run(
      [producer, topic = args.uint32(1), records = args.stringPairs(2)](const std::atomic<bool>& cancelled) {
        return Tasks::Result{writeInTransaction(*producer, topic, records, cancelled)};
      });
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

}  // namespace

int64_t deadlineIn(uint32_t milliseconds) { return monotonicNanos() + int64_t{milliseconds} * 1'000'000; }

std::optional<Token> tokenAt(Arguments& args, size_t index) {
  std::string text = args.string(index);
  if (text.empty()) return std::nullopt;
  return Token{text, std::stoll(args.string(index + 1)), args.string(index + 2)};
}

Failure closedProducer() { return Failure("PRODUCER_CLOSED", "the producer handle is closed"); }

std::vector<Function> producerCalls() {
  return {
      {"createProducer", createProducer},
      {"addTopic", addTopic},
      {"attachLane", attachLane},
      {"detachLane", detachLane},
      {"produce", produce},
      {"produceHeaded", produceHeaded},
      {"flush", flush},
      {"purge", purge},
      {"cutConnections", cutConnections},
      {"cutAfterPause", cutAfterPause},
      {"closeProducer", closeProducer},
      {"releaseProducer", releaseProducer},
      {"setCredentials", setCredentials},
      {"setToken", setToken},
      {"renewProducer", renewProducer},
      {"transaction", transaction},
      {"writeRecords", writeRecords},
      {"onDelivery", onDelivery},
      {"takeEvents", takeEvents},
      {"queueDepth", queueDepth},
  };
}

}  // namespace millrace
