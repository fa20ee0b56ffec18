#include "simulator/faults/faulty_reader.hpp"

#include "libs/base/cancellable.hpp"
#include "libs/base/signal.hpp"
#include "simulator/faults/line_queue.hpp"

namespace kubeloop::simulator {
namespace {

// Lines that are held for a component before the hub has to wait.
constexpr std::size_t kMaxHeld = 10'000;
// How long a reader sleeps when nothing is due.
constexpr Duration kLongWait = std::chrono::hours(1);

const char* const kExpiredLine =
    R"({"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",)"
    R"("message":"too old resource version","reason":"Expired","code":410}})"
    "\n";

Status broken() {
  return Status(503, "ServiceUnavailable", "the connection to the API server broke");
}

struct Stream {
  Stream(const Env& e, FaultTable& t, std::unique_ptr<http::BodyReader> i, std::string r, Rng g)
      : env(e),
        table(t),
        inner(std::move(i)),
        resource(std::move(r)),
        rng(std::move(g)),
        gate(std::make_shared<CancelGate>()) {}

  const Env& env;
  FaultTable& table;
  std::unique_ptr<http::BodyReader> inner;
  std::string resource;
  Rng rng;
  std::shared_ptr<CancelGate> gate;
  LineQueue queue;
  std::string rest;  // the beginning of a line
  Signal wake, room;
  bool is_closed = false;  // nobody reads any more
  bool is_over = false;    // the hub has ended it
  std::optional<Status> error;
  bool is_cut = false, is_expired = false;  // by a fault: after what is held

  bool draws(const Fault& fault) { return fault.permille >= 1000 || rng.below(1000) < fault.permille; }

  void take_line(std::string_view line) {
    queue.push(line, env.clock.now(), table.active(), resource, rng);
    for (const auto& [id, fault] : table.active()) {
      bool cuts = fault.kind == FaultKind::kWatchCut && concerns_lines(fault, resource) && fault.permille < 1000;
      if (cuts && draws(fault)) is_cut = true;
    }
  }

  void take(const std::string& chunk) {
    rest += chunk;
    std::size_t start = 0;
    for (auto end = rest.find('\n'); end != std::string::npos; end = rest.find('\n', start)) {
      if (!is_cut) take_line(std::string_view(rest).substr(start, end - start));
      start = end + 1;
    }
    rest.erase(0, start);
  }

  void on_fault(const Fault* fault) {
    if (fault && concerns_lines(*fault, resource)) {
      if (fault->kind == FaultKind::kWatchCut && fault->permille >= 1000) is_cut = true;
      if (fault->kind == FaultKind::kWatchExpire) is_expired = is_cut = true;
    }
    wake.notify();
  }
};

awaitable<void> pump(std::shared_ptr<Stream> stream) {
  auto executor = stream->env.executor;
  while (!stream->is_closed && !stream->is_cut) {
    auto chunk = co_await run_cancellable(executor, stream->inner->next(), stream->gate);
    if (!chunk) stream->error = chunk.error();
    if (!chunk || chunk->empty()) break;
    stream->take(*chunk);
    stream->wake.notify();
    while (stream->queue.size() > kMaxHeld && !stream->is_closed) co_await stream->room.wait();
  }
  stream->is_over = true;
  stream->inner.reset();
  stream->wake.notify();
}

class FaultyReader final : public http::BodyReader {
 public:
  explicit FaultyReader(std::shared_ptr<Stream> stream) : stream_(std::move(stream)) {
    stream_->table.listen(stream_.get(), [stream = stream_.get()](const Fault* fault) { stream->on_fault(fault); });
  }
  ~FaultyReader() override {
    stream_->table.leave(stream_.get());
    stream_->is_closed = true;
    stream_->room.notify();
    stream_->gate->cancel();
  }

  awaitable<Result<std::string>> next() override {
    auto stream = stream_;
    for (;;) {
      bool ends = stream->is_over || stream->is_cut;
      std::string text = ends ? stream->queue.take_all()
                              : stream->queue.take(stream->env.clock.now(), stream->table.active(), stream->resource);
      if (ends && stream->is_expired) {
        stream->is_expired = false;
        text += kExpiredLine;
      }
      stream->room.notify();
      if (!text.empty()) co_return text;
      if (stream->is_cut) co_return failure(broken());
      if (stream->is_over && stream->error) co_return failure(*stream->error);
      if (stream->is_over) co_return std::string();
      Instant due = stream->queue.next_due().value_or(stream->env.clock.now() + kLongWait);
      co_await stream->wake.wait_until(stream->env, due);
    }
  }

 private:
  std::shared_ptr<Stream> stream_;
};

}  // namespace

std::unique_ptr<http::BodyReader> make_faulty_reader(const Env& env, TaskGroup& tasks, FaultTable& table,
                                                     std::unique_ptr<http::BodyReader> inner, std::string resource,
                                                     Rng rng) {
  auto stream = std::make_shared<Stream>(env, table, std::move(inner), std::move(resource), std::move(rng));
  tasks.spawn("watch under faults", pump(stream));
  return std::make_unique<FaultyReader>(std::move(stream));
}

}  // namespace kubeloop::simulator
