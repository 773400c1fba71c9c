#include "mock.h"

namespace millrace {

namespace {

Outcome outcome(rd_kafka_resp_err_t error, const char* what) {
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return std::nullopt;
  return Failure("MOCK_CLUSTER_FAILED", std::string(what) + ": " + rd_kafka_err2str(error));
}

void dropLog(const rd_kafka_t*, int, const char*, const char*) {}

}  // namespace

std::unique_ptr<MockCluster> MockCluster::start(int brokers, Outcome& failure) {
  if (brokers < 1) {
    failure = Failure("MOCK_CLUSTER_FAILED", "a mock cluster needs at least one broker");
    return nullptr;
  }
  char error[512];
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  rd_kafka_conf_set_log_cb(conf, dropLog);
  rd_kafka_t* client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof error);
  if (client == nullptr) {
    rd_kafka_conf_destroy(conf);
    failure = Failure("MOCK_CLUSTER_FAILED", error);
    return nullptr;
  }
  rd_kafka_mock_cluster_t* cluster = rd_kafka_mock_cluster_new(client, brokers);
  if (cluster == nullptr) {
    rd_kafka_destroy(client);
    failure = Failure("MOCK_CLUSTER_FAILED", "librdkafka could not start " + std::to_string(brokers) + " brokers");
    return nullptr;
  }
  return std::unique_ptr<MockCluster>(new MockCluster(client, cluster));
}

MockCluster::~MockCluster() {
  rd_kafka_mock_cluster_destroy(cluster_);
  rd_kafka_destroy(client_);
}

std::string MockCluster::bootstrapServers() const { return rd_kafka_mock_cluster_bootstraps(cluster_); }

Outcome MockCluster::createTopic(const std::string& name, int partitions, int replication) {
  return outcome(rd_kafka_mock_topic_create(cluster_, name.c_str(), partitions, replication), "createTopic");
}

Outcome MockCluster::setBrokerUp(int broker, bool up) {
  return up ? outcome(rd_kafka_mock_broker_set_up(cluster_, broker), "setBrokerUp")
            : outcome(rd_kafka_mock_broker_set_down(cluster_, broker), "setBrokerDown");
}

Outcome MockCluster::setLeader(const std::string& topic, int partition, int broker) {
  return outcome(rd_kafka_mock_partition_set_leader(cluster_, topic.c_str(), partition, broker), "setLeader");
}

Outcome MockCluster::setRoundTrip(int broker, int milliseconds) {
  return outcome(rd_kafka_mock_broker_set_rtt(cluster_, broker, milliseconds), "setRoundTrip");
}

void MockCluster::pushRequestErrors(int apiKey, const std::vector<int32_t>& codes) {
  std::vector<rd_kafka_resp_err_t> errors;
  for (int32_t code : codes) errors.push_back(static_cast<rd_kafka_resp_err_t>(code));
  rd_kafka_mock_push_request_errors_array(cluster_, static_cast<int16_t>(apiKey), errors.size(), errors.data());
}

}  // namespace millrace
