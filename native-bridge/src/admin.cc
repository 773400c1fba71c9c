#include "admin.h"

#include <algorithm>
#include <cstring>

namespace millrace {

namespace {

/// Frees what librdkafka gave out, whichever way a function is left.
template <typename T, void (*Destroy)(T*)>
class Owned {
 public:
  explicit Owned(T* pointer) : pointer_(pointer) {}
  ~Owned() {
    if (pointer_ != nullptr) Destroy(pointer_);
  }
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;
  T* get() const { return pointer_; }

 private:
  T* const pointer_;
};

using Queue = Owned<rd_kafka_queue_t, rd_kafka_queue_destroy>;
using Answer = Owned<rd_kafka_event_t, rd_kafka_event_destroy>;
using Options = Owned<rd_kafka_AdminOptions_t, rd_kafka_AdminOptions_destroy>;
using Resource = Owned<rd_kafka_ConfigResource_t, rd_kafka_ConfigResource_destroy>;
using NewTopic = Owned<rd_kafka_NewTopic_t, rd_kafka_NewTopic_destroy>;
using TopicHandle = Owned<rd_kafka_topic_t, rd_kafka_topic_destroy>;
using TopicNames = Owned<rd_kafka_TopicCollection_t, rd_kafka_TopicCollection_destroy>;

/// librdkafka's own limit on how long after a request's timeout its answer is still awaited here.
constexpr int kGraceMs = 1000;

Failure closed() { return Failure("KAFKA_UNREACHABLE", "the producer was closed before the broker could be asked"); }

Failure unanswered(const std::string& what, rd_kafka_resp_err_t error) {
  std::string advice = "; check MILLRACE_BOOTSTRAP_SERVERS, the network and the security settings";
  return Failure("KAFKA_UNREACHABLE", what + ": " + rd_kafka_err2str(error) + advice).with("error", static_cast<int64_t>(error));
}

/// The answer on a queue, or null: in slices, so that a producer that closes does not wait for it.
rd_kafka_event_t* await(Producer& producer, const Queue& queue, int timeoutMs) {
  constexpr int kSliceMs = 100;
  for (int left = timeoutMs + kGraceMs; left > 0 && !producer.closing(); left -= kSliceMs) {
    if (rd_kafka_event_t* event = rd_kafka_queue_poll(queue.get(), kSliceMs)) return event;
  }
  return nullptr;
}

/// A broker that does not know the request leaves it unanswered in librdkafka: the timeout is then the only sign.
bool isNotTold(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
      return true;
    default:
      return false;
  }
}

/// Options of a request that also asks what the user may do.
void askForOperations(const Options& options, int timeoutMs) {
  char text[256];
  rd_kafka_AdminOptions_set_request_timeout(options.get(), timeoutMs, text, sizeof text);
  rd_kafka_error_t* refused = rd_kafka_AdminOptions_set_include_authorized_operations(options.get(), 1);
  if (refused != nullptr) rd_kafka_error_destroy(refused);
}

/// Names separated by commas; empty when the broker does not tell.
std::string namesOf(const rd_kafka_AclOperation_t* operations, size_t count) {
  std::string names;
  for (size_t i = 0; i < count; i++) names += std::string(i == 0 ? "" : ",") + rd_kafka_AclOperation_name(operations[i]);
  return names;
}

/// The partition with the fewest replicas decides about a topic.
Entries layoutOf(const rd_kafka_TopicDescription_t* topic) {
  size_t partitions = 0;
  const rd_kafka_TopicPartitionInfo_t** all = rd_kafka_TopicDescription_partitions(topic, &partitions);
  size_t replicas = partitions == 0 ? 0 : SIZE_MAX;
  size_t inSync = replicas;
  size_t leaderless = 0;
  for (size_t i = 0; i < partitions; i++) {
    size_t count = 0;
    rd_kafka_TopicPartitionInfo_replicas(all[i], &count);
    replicas = std::min(replicas, count);
    rd_kafka_TopicPartitionInfo_isr(all[i], &count);
    inSync = std::min(inSync, count);
    if (rd_kafka_TopicPartitionInfo_leader(all[i]) == nullptr) leaderless++;
  }
  return {{"replicas", std::to_string(replicas)}, {"inSync", std::to_string(inSync)}, {"leaderless", std::to_string(leaderless)}};
}

}  // namespace

Outcome topicMetadata(Producer& producer, const std::string& topic, int timeoutMs, TopicMetadata& result) {
  Producer::Use use(producer);
  if (!use.open()) return closed();
  TopicHandle handle(rd_kafka_topic_new(producer.client(), topic.c_str(), nullptr));
  if (handle.get() == nullptr) {
    const char* reason = rd_kafka_err2str(rd_kafka_last_error());
    return Failure("KAFKA_TOPIC_MISSING", "a topic cannot be called " + topic + ": " + reason).with("topic", topic);
  }
  const rd_kafka_metadata_t* metadata = nullptr;
  const rd_kafka_resp_err_t error = rd_kafka_metadata(producer.client(), 0, handle.get(), &metadata, timeoutMs);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return unanswered("no broker told of topic " + topic, error);
  result.error = RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
  for (int i = 0; i < metadata->topic_cnt; i++) {
    if (topic != metadata->topics[i].topic) continue;
    result.error = metadata->topics[i].err;
    result.partitions = result.error == 0 ? metadata->topics[i].partition_cnt : 0;
  }
  result.errorName = rd_kafka_err2name(static_cast<rd_kafka_resp_err_t>(result.error));
  rd_kafka_metadata_destroy(metadata);
  char* id = rd_kafka_clusterid(producer.client(), timeoutMs);
  if (id != nullptr) {
    result.clusterId = id;
    rd_kafka_mem_free(producer.client(), id);
  }
  return std::nullopt;
}

Outcome describeTopic(Producer& producer, const std::string& topic, int timeoutMs, bool& known, Entries& config) {
  known = false;
  Producer::Use use(producer);
  if (!use.open()) return closed();
  Queue queue(rd_kafka_queue_new(producer.client()));
  Options options(rd_kafka_AdminOptions_new(producer.client(), RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS));
  char text[256];
  rd_kafka_AdminOptions_set_request_timeout(options.get(), timeoutMs, text, sizeof text);
  Resource resource(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()));
  rd_kafka_ConfigResource_t* resources[] = {resource.get()};
  rd_kafka_DescribeConfigs(producer.client(), resources, 1, options.get(), queue.get());
  Answer event(await(producer, queue, timeoutMs));
  if (event.get() == nullptr) return std::nullopt;
  const rd_kafka_resp_err_t error = rd_kafka_event_error(event.get());
  if (isNotTold(error)) return std::nullopt;
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return unanswered("no answer about the configuration of topic " + topic, error);
  size_t count = 0;
  const rd_kafka_ConfigResource_t** answers =
      rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event.get()), &count);
  if (count == 0 || rd_kafka_ConfigResource_error(answers[0]) != RD_KAFKA_RESP_ERR_NO_ERROR) return std::nullopt;
  const rd_kafka_ConfigEntry_t** entries = rd_kafka_ConfigResource_configs(answers[0], &count);
  for (size_t i = 0; i < count; i++) {
    const char* value = rd_kafka_ConfigEntry_value(entries[i]);
    if (value != nullptr) config.emplace_back(rd_kafka_ConfigEntry_name(entries[i]), value);
  }
  known = true;
  return std::nullopt;
}

Outcome createTopic(Producer& producer, const TopicPlan& plan, int timeoutMs) {
  const std::string& topic = plan.name;
  Producer::Use use(producer);
  if (!use.open()) return closed();
  char text[512];
  NewTopic wanted(rd_kafka_NewTopic_new(topic.c_str(), plan.partitions, plan.replicationFactor, text, sizeof text));
  if (wanted.get() == nullptr) {
    return Failure("KAFKA_TOPIC_CREATE", "topic " + topic + " cannot be created: " + text).with("topic", topic);
  }
  for (const auto& [name, value] : plan.config) rd_kafka_NewTopic_set_config(wanted.get(), name.c_str(), value.c_str());
  Queue queue(rd_kafka_queue_new(producer.client()));
  Options options(rd_kafka_AdminOptions_new(producer.client(), RD_KAFKA_ADMIN_OP_CREATETOPICS));
  rd_kafka_AdminOptions_set_request_timeout(options.get(), timeoutMs, text, sizeof text);
  rd_kafka_AdminOptions_set_operation_timeout(options.get(), timeoutMs, text, sizeof text);
  rd_kafka_NewTopic_t* topics[] = {wanted.get()};
  rd_kafka_CreateTopics(producer.client(), topics, 1, options.get(), queue.get());
  Answer event(await(producer, queue, timeoutMs));
  if (event.get() == nullptr) return unanswered("no answer to the creation of topic " + topic, RD_KAFKA_RESP_ERR__TIMED_OUT);
  const rd_kafka_resp_err_t error = rd_kafka_event_error(event.get());
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return unanswered("no answer to the creation of topic " + topic, error);
  size_t count = 0;
  const rd_kafka_topic_result_t** results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &count);
  for (size_t i = 0; i < count; i++) {
    const rd_kafka_resp_err_t own = rd_kafka_topic_result_error(results[i]);
    if (own == RD_KAFKA_RESP_ERR_NO_ERROR || own == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) continue;
    const char* told = rd_kafka_topic_result_error_string(results[i]);
    std::string reason = told != nullptr ? told : rd_kafka_err2str(own);
    return Failure("KAFKA_TOPIC_CREATE", "topic " + topic + " cannot be created: " + reason)
        .with("topic", topic)
        .with("error", static_cast<int64_t>(own));
  }
  return std::nullopt;
}

Outcome clusterBrokers(Producer& producer, int timeoutMs, Entries& brokers) {
  Producer::Use use(producer);
  if (!use.open()) return closed();
  const rd_kafka_metadata_t* metadata = nullptr;
  const rd_kafka_resp_err_t error = rd_kafka_metadata(producer.client(), 0, nullptr, &metadata, timeoutMs);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return unanswered("no broker told which brokers there are", error);
  for (int i = 0; i < metadata->broker_cnt; i++) {
    const rd_kafka_metadata_broker_t& broker = metadata->brokers[i];
    brokers.emplace_back(std::to_string(broker.id), std::string(broker.host) + ":" + std::to_string(broker.port));
  }
  rd_kafka_metadata_destroy(metadata);
  return std::nullopt;
}

Outcome inspectTopic(Producer& producer, const std::string& topic, int timeoutMs, bool& known, Entries& facts) {
  known = false;
  Producer::Use use(producer);
  if (!use.open()) return closed();
  Queue queue(rd_kafka_queue_new(producer.client()));
  Options options(rd_kafka_AdminOptions_new(producer.client(), RD_KAFKA_ADMIN_OP_DESCRIBETOPICS));
  askForOperations(options, timeoutMs);
  const char* name = topic.c_str();
  TopicNames names(rd_kafka_TopicCollection_of_topic_names(&name, 1));
  rd_kafka_DescribeTopics(producer.client(), names.get(), options.get(), queue.get());
  Answer event(await(producer, queue, timeoutMs));
  if (event.get() == nullptr) return std::nullopt;
  const rd_kafka_resp_err_t error = rd_kafka_event_error(event.get());
  if (isNotTold(error)) return std::nullopt;
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return unanswered("no answer about topic " + topic, error);
  size_t count = 0;
  const rd_kafka_TopicDescription_t** found =
      rd_kafka_DescribeTopics_result_topics(rd_kafka_event_DescribeTopics_result(event.get()), &count);
  if (count == 0 || rd_kafka_error_code(rd_kafka_TopicDescription_error(found[0])) != RD_KAFKA_RESP_ERR_NO_ERROR) return std::nullopt;
  facts = layoutOf(found[0]);
  const rd_kafka_AclOperation_t* operations = rd_kafka_TopicDescription_authorized_operations(found[0], &count);
  facts.emplace_back("operations", namesOf(operations, operations == nullptr ? 0 : count));
  known = true;
  return std::nullopt;
}

Outcome clusterOperations(Producer& producer, int timeoutMs, bool& known, Entries& facts) {
  known = false;
  Producer::Use use(producer);
  if (!use.open()) return closed();
  Queue queue(rd_kafka_queue_new(producer.client()));
  Options options(rd_kafka_AdminOptions_new(producer.client(), RD_KAFKA_ADMIN_OP_DESCRIBECLUSTER));
  askForOperations(options, timeoutMs);
  rd_kafka_DescribeCluster(producer.client(), options.get(), queue.get());
  Answer event(await(producer, queue, timeoutMs));
  if (event.get() == nullptr) return std::nullopt;
  const rd_kafka_resp_err_t error = rd_kafka_event_error(event.get());
  if (isNotTold(error)) return std::nullopt;
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return unanswered("no answer about the cluster", error);
  size_t count = 0;
  const rd_kafka_AclOperation_t* operations =
      rd_kafka_DescribeCluster_result_authorized_operations(rd_kafka_event_DescribeCluster_result(event.get()), &count);
  facts = {{"operations", namesOf(operations, operations == nullptr ? 0 : count)}};
  known = true;
  return std::nullopt;
}

}  // namespace millrace
