// Writes a BodyReader's chunks to a client as they come: whatever gathered while a write was under way goes out in the
// next one. Ends promptly when the client goes. Owned by the session, for one answer.
#pragma once
#include <memory>
#include <string>

#include "libs/base/signal.hpp"
#include "libs/base/task_group.hpp"
#include "libs/http/connection_input.hpp"
#include "libs/http/session.hpp"
#include "libs/http/stream_deadline.hpp"

namespace kubeloop::http {

class StreamedBody {
 public:
  // `changed` is notified when `input` has come to its end. `is_chunked`: chunked transfer encoding; otherwise the body
  // lasts until the connection closes (HTTP/1.0).
  StreamedBody(SessionHost& host, ByteStream& stream, StreamDeadline& deadline, ConnectionInput& input, Signal& changed,
               bool is_chunked);

  // Sends `head` at once, then the body. True when the body came to its own end and all of it was written. The reader
  // is destroyed when this returns or throws.
  awaitable<bool> run(std::string head, std::unique_ptr<BodyReader> reader);

 private:
  awaitable<void> produce(std::unique_ptr<BodyReader> reader);
  awaitable<bool> write_all(std::string head);
  awaitable<bool> write(const std::string& bytes);
  void append(const std::string& chunk);

  SessionHost& host_;
  ByteStream& stream_;
  StreamDeadline& deadline_;
  ConnectionInput& input_;
  Signal& changed_;
  Signal room_;
  bool is_chunked_;
  bool is_ended_ = false;
  bool is_broken_ = false;  // the reader failed: the client must not take what it has for the whole
  std::string pending_;
};

}  // namespace kubeloop::http
