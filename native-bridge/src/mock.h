// librdkafka's own broker: speaks Kafka's protocol on real ports of this machine, keeps about 5 MB a partition.
#pragma once

#include <rdkafka.h>
// After rdkafka.h, which it needs.
#include <rdkafka_mock.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "js.h"

namespace millrace {

class MockCluster {
 public:
  /// Null and `failure` set when the cluster cannot be started.
  static std::unique_ptr<MockCluster> start(int brokers, Outcome& failure);
  ~MockCluster();
  MockCluster(const MockCluster&) = delete;
  MockCluster& operator=(const MockCluster&) = delete;

  std::string bootstrapServers() const;
  Outcome createTopic(const std::string& name, int partitions, int replication);
  Outcome setBrokerUp(int broker, bool up);
  Outcome setLeader(const std::string& topic, int partition, int broker);
  Outcome setRoundTrip(int broker, int milliseconds);
  /// The next requests of this kind fail, one with each code.
  void pushRequestErrors(int apiKey, const std::vector<int32_t>& codes);

 private:
  MockCluster(rd_kafka_t* client, rd_kafka_mock_cluster_t* cluster) : client_(client), cluster_(cluster) {}

  rd_kafka_t* client_;
  rd_kafka_mock_cluster_t* cluster_;
};

}  // namespace millrace
