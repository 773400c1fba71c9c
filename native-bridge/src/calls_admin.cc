#include "admin.h"
#include "calls.h"
#include "environment.h"
#include "registry.h"

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
      [producer, topic = args.string(1), partitions = args.int32(2), replication = args.int32(3), timeout = args.int32(4)](
          const std::atomic<bool>&) { return Tasks::Result{createTopic(*producer, topic, partitions, replication, timeout)}; });
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
      {"clusterBrokers", clusterBrokersOf},
      {"inspectTopic", inspectTopicOf},
      {"clusterOperations", clusterOperationsOf},
  };
}

}  // namespace millrace
