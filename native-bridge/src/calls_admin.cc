#include "admin.h"
#include "calls.h"
#include "environment.h"
#include "registry.h"
#include "topic_reader.h"

namespace millrace {

namespace {

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
    Entries config;
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
      [producer, plan = TopicPlan{args.string(1), args.int32(2), args.int32(3), args.stringPairs(5)}, timeout = args.int32(4)](
          const std::atomic<bool>&) { return Tasks::Result{createTopic(*producer, plan, timeout)}; });
}

napi_value readTopicOf(napi_env env, napi_callback_info info) {
  Arguments args(env, info);
  TopicReading reading;
  reading.topic = args.string(1);
  reading.from = std::stoll(args.string(2));
  for (const auto& [key, value] : args.stringPairs(3)) reading.keys.push_back(key);
  reading.bytesMax = args.uint32(4);
  reading.deadlineNanos = deadlineIn(args.uint32(5));
  reading.waits = args.uint32(9) != 0;
  return Environment::of(env).tasks().run(
      [config = args.stringPairs(0), token = tokenAt(args, 6), reading = std::move(reading)](const std::atomic<bool>& cancelled) {
        Entries found;
        Tasks::Result result{readTopic(config, token, reading, cancelled, found)};
        result.entries = std::move(found);
        return result;
      });
}

napi_value clusterBrokersOf(napi_env env, napi_callback_info info) {
  Arguments args(env, info);
  std::shared_ptr<Producer> producer = findProducer(args.uint32(0));
  if (producer == nullptr) return closedProducer().raise(env);
  return Environment::of(env).tasks().run([producer, timeout = args.int32(1)](const std::atomic<bool>&) {
    Entries brokers;
    Tasks::Result result{clusterBrokers(*producer, timeout, brokers)};
    result.entries = std::move(brokers);
    return result;
  });
}

napi_value inspectTopicOf(napi_env env, napi_callback_info info) {
  Arguments args(env, info);
  std::shared_ptr<Producer> producer = findProducer(args.uint32(0));
  if (producer == nullptr) return closedProducer().raise(env);
  return Environment::of(env).tasks().run([producer, topic = args.string(1), timeout = args.int32(2)](const std::atomic<bool>&) {
    Entries facts;
    Tasks::Result result;
    result.failure = inspectTopic(*producer, topic, timeout, result.value, facts);
    if (result.value) result.entries = std::move(facts);
    return result;
  });
}

napi_value clusterOperationsOf(napi_env env, napi_callback_info info) {
  Arguments args(env, info);
  std::shared_ptr<Producer> producer = findProducer(args.uint32(0));
  if (producer == nullptr) return closedProducer().raise(env);
  return Environment::of(env).tasks().run([producer, timeout = args.int32(1)](const std::atomic<bool>&) {
    Entries facts;
    Tasks::Result result;
    result.failure = clusterOperations(*producer, timeout, result.value, facts);
    if (result.value) result.entries = std::move(facts);
    return result;
  });
}

}  // namespace

std::vector<Function> adminCalls() {
  return {
      {"topicMetadata", topicMetadataOf},
      {"describeTopic", describeTopicOf},
      {"createTopic", createTopicOf},
      {"readTopic", readTopicOf},
      {"clusterBrokers", clusterBrokersOf},
      {"inspectTopic", inspectTopicOf},
      {"clusterOperations", clusterOperationsOf},
  };
}

}  // namespace millrace
