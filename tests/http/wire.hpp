// One session at the end of a pipe, in virtual time: a test writes raw bytes to it and reads raw bytes back.
#pragma once
#include <memory>
#include <string>

#include "libs/base/signal.hpp"
#include "libs/base/task_group.hpp"
#include "libs/http/pipe.hpp"
#include "libs/http/session.hpp"
#include "simulator/sim_loop.hpp"

namespace kubeloop::http {

class Wire {
 public:
  explicit Wire(Handler handler, SessionLimits limits = {}, PipeOptions pipe_options = {})
      : env_(loop.executor(), loop, Rng(1), Log(), faults_),
        group_(env_),
        host(std::make_shared<SessionHost>(env_.child("session"), std::move(handler), limits)) {
    Pipe pipe = make_pipe(std::move(pipe_options), Peer());
    client_ = std::move(pipe.client);
    group_.spawn("session", run_session(host, std::move(pipe.server), has_ended));
    group_.spawn("reader", read_all());
  }
  ~Wire() {
    close();
    group_.stop();
    loop.run_ready();
  }

  // Writes, and lets everything happen that needs no time.
  void send(std::string bytes) {
    group_.spawn("writer", write_all(std::move(bytes)));
    loop.run_ready();
  }
  void pass(Duration duration) { loop.run_until(loop.now() + duration); }
  void close() {
    if (client_) client_->close();
    loop.run_ready();
  }
  void end_writing() {
    client_->end_writing();
    loop.run_ready();
  }
  // What has come since the last call.
  std::string take() { return std::exchange(received, {}); }
  const Env& env() const { return env_; }
  std::size_t failures() const { return group_.failures(); }

  simulator::SimLoop loop;
  std::string received;
  bool has_end_of_stream = false;
  bool is_reading = true;
  Signal resume_reading;
  bool has_ended = false;  // the session

 private:
  static awaitable<void> run_session(std::shared_ptr<SessionHost> host, std::unique_ptr<ByteStream> stream,
                                     bool& ended) {
    co_await serve_session(std::move(host), std::move(stream));
    ended = true;
  }
  awaitable<void> read_all() {
    std::string buffer(64 * 1024, '\0');
    for (;;) {
      while (!is_reading) co_await resume_reading.wait();
      auto result = co_await client_->read_some(buffer.data(), buffer.size());
      received.append(buffer.data(), result.size);
      if (result.error) break;
    }
    has_end_of_stream = true;
  }
  awaitable<void> write_all(std::string bytes) { co_await client_->write(bytes, std::string_view()); }

  NoFaults faults_;
  Env env_;
  TaskGroup group_;
  std::unique_ptr<ByteStream> client_;

 public:
  std::shared_ptr<SessionHost> host;
};

}  // namespace kubeloop::http
