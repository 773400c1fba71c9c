// What the start needs to know of the cluster, asked with the producer's own handle: one client, one set of credentials.
// Every call blocks until its answer or the timeout: they run on threads of their own (tasks.h), never on JavaScript's.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "js.h"
#include "producer.h"

namespace millrace {

/// Names and values, as JavaScript gets them.
using Entries = std::vector<std::pair<std::string, std::string>>;

struct TopicMetadata {
  /// librdkafka's code of the topic's own error; 0 when there is none.
  int error = 0;
  std::string errorName;
  int partitions = 0;
  /// Empty when the broker does not tell.
  std::string clusterId;
};

/// Fails with KAFKA_UNREACHABLE when no broker answers.
Outcome topicMetadata(Producer& producer, const std::string& topic, int timeoutMs, TopicMetadata& result);

/// The topic's configuration. `known` is false when the broker cannot tell it (it then takes the whole timeout to find out) or the user may
/// not ask.
Outcome describeTopic(Producer& producer, const std::string& topic, int timeoutMs, bool& known, Entries& config);

struct TopicPlan {
  std::string name;
  int partitions = 0;
  /// -1 for the broker's default.
  int replicationFactor = -1;
  /// Of the topic's configuration; the broker's defaults for the rest.
  Entries config;
};

/// Creates a topic; one that is there already is no failure.
Outcome createTopic(Producer& producer, const TopicPlan& plan, int timeoutMs);

/// The brokers as the cluster advertises them: id and `host:port`. Fails with KAFKA_UNREACHABLE when no broker answers.
Outcome clusterBrokers(Producer& producer, int timeoutMs, Entries& brokers);

/// How the partitions of a topic are kept, and what the user may do with it: `replicas` and `inSync` of the partition that has fewest,
/// `leaderless` partitions, `operations` by name. `known` is false when the broker cannot tell it or the user may not ask.
Outcome inspectTopic(Producer& producer, const std::string& topic, int timeoutMs, bool& known, Entries& facts);

/// What the user may do with the cluster, by name, in `operations`. `known` is false when the broker cannot tell it.
Outcome clusterOperations(Producer& producer, int timeoutMs, bool& known, Entries& facts);

}  // namespace millrace
