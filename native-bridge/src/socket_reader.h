// Reads a local stream socket in a thread of its own into shared memory, in the pace at which a walsender sends: every row by itself, into
// a socket buffer that a few hundred rows fill. An event loop is too slow for that while other threads use the processors, and pays for
// every wake-up; this thread reads every fraction of a millisecond while bulk comes, and wakes JavaScript once for many rows.
//
//   socket ── recv ──►  [ ring of shared memory ]  ── wake when enough is gathered, or nothing more comes ──►  JavaScript
#pragma once

#include <node_api.h>

#include <atomic>
#include <cstdint>
#include <thread>

#include "js.h"
#include "layout.h"
#include "wake.h"

namespace millrace {

class SocketReader {
 public:
  /// `socket` is duplicated. `controlView` holds SOCKET_WORDS, `dataView` a power of two of bytes. Holds references to both until
  /// `release`.
  SocketReader(napi_env env, int socket, napi_value control, View controlView, napi_value data, View dataView);
  SocketReader(const SocketReader&) = delete;
  SocketReader& operator=(const SocketReader&) = delete;
  ~SocketReader();

  /// Starts the thread, which calls `callback` in this environment when there is something to read, and when the socket has ended.
  Outcome start(napi_env env, napi_value callback);
  /// There is room again: to be called when SOCKET_WAITS is set.
  void resume();
  /// Ends the thread and waits for it.
  void stop();
  /// Stops, and gives the views back; the reader is not used afterwards.
  void release(napi_env env);

 private:
  void run();
  void awaitRoom();
  void awaitInput();
  /// Waits for `events` of the socket (-1: none), or a signal. Returns what came of the socket.
  int wait(int socket, int16_t events);
  void pace(uint32_t bytes, bool isDrained);
  void announce();
  void end(int32_t reason);
  uint32_t room() const;

  std::atomic<int32_t>& word(uint32_t index) const;

  uint8_t* const control_;
  uint8_t* const data_;
  const uint32_t size_;
  napi_ref controlReference_ = nullptr;
  napi_ref dataReference_ = nullptr;
  const int socket_;
  /// Readable when there is room again, or the thread is to stop.
  int signal_ = -1;
  Wake wake_;
  std::thread thread_;
  std::atomic<bool> stopping_{false};

  // Of the thread.
  uint32_t written_ = 0;
  /// Bytes that JavaScript was not told of, and since when there are some.
  uint32_t gathered_ = 0;
  int64_t gatheredSince_ = 0;
  /// Leaky bucket that tells bulk from a trickle.
  double level_ = 0;
  int64_t lastRead_ = 0;
};

}  // namespace millrace
