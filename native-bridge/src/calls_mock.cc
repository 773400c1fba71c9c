#include "calls.h"
#include "environment.h"

namespace millrace {

namespace {

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
  return changeMock(env, info, [](MockCluster& mock, Arguments& args) {
    return mock.createTopic(args.string(1), args.int32(2), args.int32(3));
  });
}

napi_value mockSetUp(napi_env env, napi_callback_info info) {
  return changeMock(env, info, [](MockCluster& mock, Arguments& args) { return mock.setBrokerUp(args.int32(1), args.int32(2) != 0); });
}

napi_value mockSetLeader(napi_env env, napi_callback_info info) {
  return changeMock(env, info, [](MockCluster& mock, Arguments& args) {
    return mock.setLeader(args.string(1), args.int32(2), args.int32(3));
  });
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

}  // namespace

std::vector<Function> mockCalls() {
  return {
      {"startMock", startMock},
      {"mockServers", mockServers},
      {"mockCreateTopic", mockCreateTopic},
      {"mockSetUp", mockSetUp},
      {"mockSetLeader", mockSetLeader},
      {"mockSetRoundTrip", mockSetRoundTrip},
      {"mockPushErrors", mockPushErrors},
      {"closeMock", closeMock},
  };
}

}  // namespace millrace
