#include "libs/http/pipe.hpp"

#include <algorithm>

#include "libs/base/signal.hpp"

namespace kubeloop::http {
namespace {

struct Channel {
  std::string bytes;
  bool is_ended = false;  // the writer will write no more
  bool is_reader_gone = false;
  Signal readable;
  Signal writable;

  void end() {
    is_ended = true;
    readable.notify();
  }
  void abandon() {
    is_reader_gone = true;
    writable.notify();
  }
};

struct Core {
  explicit Core(PipeOptions o) : options(std::move(o)) {}
  PipeOptions options;
  Channel to_server;
  Channel to_client;
  bool is_severed = false;

  void sever() {
    is_severed = true;
    for (Channel* channel : {&to_server, &to_client}) {
      channel->bytes.clear();
      channel->end();
      channel->abandon();
    }
  }
};

class End final : public ByteStream {
 public:
  End(std::shared_ptr<Core> core, Channel& in, Channel& out, Peer peer)
      : core_(std::move(core)), in_(in), out_(out), peer_(std::move(peer)) {}
  ~End() override { close(); }

  awaitable<boost::system::error_code> open() override { co_return boost::system::error_code(); }

  awaitable<IoResult> read_some(char* data, std::size_t size) override {
    while (in_.bytes.empty() && !in_.is_ended && !is_closed_) co_await in_.readable.wait();
    if (is_closed_) co_return IoResult(asio::error::operation_aborted, 0);
    if (core_->is_severed) co_return IoResult(asio::error::connection_reset, 0);
    if (in_.bytes.empty()) co_return IoResult(asio::error::eof, 0);
    std::size_t n = std::min(size, in_.bytes.size());
    if (core_->options.fragments) n = 1 + core_->options.fragments->below(n);
    std::copy_n(in_.bytes.data(), n, data);
    in_.bytes.erase(0, n);
    in_.writable.notify();
    co_return IoResult(boost::system::error_code(), n);
  }

  awaitable<boost::system::error_code> write(std::string_view first, std::string_view second) override {
    for (std::string_view rest : {first, second}) {
      while (!rest.empty()) {
        while (is_full() && !is_broken()) co_await out_.writable.wait();
        if (is_broken()) co_return asio::error::broken_pipe;
        std::string_view part = rest.substr(0, core_->options.capacity - out_.bytes.size());
        out_.bytes += part;
        rest.remove_prefix(part.size());
        out_.readable.notify();
      }
    }
    co_return boost::system::error_code();
  }

  void end_writing() override { out_.end(); }

  void close() override {
    if (is_closed_) return;
    is_closed_ = true;
    out_.end();
    out_.writable.notify();
    in_.abandon();
    in_.readable.notify();
  }

  bool is_quiet() override { return !is_closed_ && in_.bytes.empty() && !in_.is_ended && !out_.is_reader_gone; }
  const Peer& peer() const override { return peer_; }

 private:
  bool is_full() const { return out_.bytes.size() >= core_->options.capacity; }
  bool is_broken() const { return is_closed_ || out_.is_ended || out_.is_reader_gone; }

  std::shared_ptr<Core> core_;
  Channel& in_;
  Channel& out_;
  Peer peer_;
  bool is_closed_ = false;
};

}  // namespace

Pipe make_pipe(PipeOptions options, Peer client_peer) {
  auto core = std::make_shared<Core>(std::move(options));
  Pipe pipe;
  pipe.client = std::make_unique<End>(core, core->to_client, core->to_server, Peer());
  pipe.server = std::make_unique<End>(core, core->to_server, core->to_client, std::move(client_peer));
  pipe.sever = [weak = std::weak_ptr(core)] {
    if (auto alive = weak.lock()) alive->sever();
  };
  pipe.alive = core;
  return pipe;
}

}  // namespace kubeloop::http
