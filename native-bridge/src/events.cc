#include "events.h"

#include <utility>

#include "js.h"

namespace millrace {

namespace {

napi_value toObject(napi_env env, const Event& event) {
  napi_value object;
  napi_value fatal;
  napi_create_object(env, &object);
  switch (event.kind) {
    case Event::Kind::kStats:
      napi_set_named_property(env, object, "kind", makeString(env, "stats"));
      napi_set_named_property(env, object, "json", makeString(env, event.text));
      break;
    case Event::Kind::kError:
      napi_get_boolean(env, event.fatal, &fatal);
      napi_set_named_property(env, object, "kind", makeString(env, "error"));
      napi_set_named_property(env, object, "code", makeNumber(env, event.code));
      napi_set_named_property(env, object, "name", makeString(env, event.name));
      napi_set_named_property(env, object, "message", makeString(env, event.text));
      napi_set_named_property(env, object, "fatal", fatal);
      break;
    case Event::Kind::kLog:
      napi_set_named_property(env, object, "kind", makeString(env, "log"));
      napi_set_named_property(env, object, "level", makeNumber(env, event.code));
      napi_set_named_property(env, object, "facility", makeString(env, event.name));
      napi_set_named_property(env, object, "message", makeString(env, event.text));
      break;
    case Event::Kind::kThrottle:
      napi_set_named_property(env, object, "kind", makeString(env, "throttle"));
      napi_set_named_property(env, object, "broker", makeString(env, event.name));
      napi_set_named_property(env, object, "ms", makeNumber(env, event.code));
      break;
  }
  return object;
}

}  // namespace

void Events::push(Event event) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (event.kind == Event::Kind::kStats) {
    stats_ = std::move(event.text);
  } else if (events_.size() < kMax || event.fatal) {
    events_.push_back(std::move(event));
  } else {
    dropped_++;
  }
}

napi_value Events::take(napi_env env) {
  std::vector<Event> events;
  std::string stats;
  size_t dropped;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    events.swap(events_);
    stats.swap(stats_);
    dropped = std::exchange(dropped_, 0);
  }
  if (dropped > 0) {
    constexpr int32_t kWarning = 4;
    events.push_back({Event::Kind::kLog, kWarning, false, "DROPPED", std::to_string(dropped) + " more errors and log lines were not kept"});
  }
  if (!stats.empty()) events.push_back({Event::Kind::kStats, 0, false, {}, std::move(stats)});
  napi_value array;
  napi_create_array_with_length(env, events.size(), &array);
  for (size_t i = 0; i < events.size(); i++) napi_set_element(env, array, static_cast<uint32_t>(i), toObject(env, events[i]));
  return array;
}

}  // namespace millrace
