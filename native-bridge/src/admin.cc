#include "admin.h"

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

Outcome describeTopic(Producer& producer, const std::string& topic, int timeoutMs, bool& known,
                      std::vector<std::pair<std::string, std::string>>& config) {
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

Outcome createTopic(Producer& producer, const std::string& topic, int partitions, int replicationFactor, int timeoutMs) {
  Producer::Use use(producer);
  if (!use.open()) return closed();
  char text[512];
  NewTopic wanted(rd_kafka_NewTopic_new(topic.c_str(), partitions, replicationFactor, text, sizeof text));
  if (wanted.get() == nullptr) {
    return Failure("KAFKA_TOPIC_CREATE", "topic " + topic + " cannot be created: " + text).with("topic", topic);
  }
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

}  // namespace millrace
