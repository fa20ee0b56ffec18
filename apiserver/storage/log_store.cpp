#include "apiserver/storage/log_store.hpp"

#include <fmt/format.h>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <deque>
#include <map>
#include <optional>

#include "apiserver/storage/pending_answer.hpp"
#include "libs/api/status.hpp"
#include "libs/base/planted.hpp"
#include "libs/base/signal.hpp"

namespace kubeloop::apiserver {
namespace {

template <class T>
using Pending = std::shared_ptr<PendingAnswer<T>>;

constexpr std::size_t kReadBytes = 16u << 20;

Status too_old(Revision wanted, Revision compacted) {
  return api::watch_expired(wanted, compacted);
}

Status closed() {
  return Status(500, "InternalError", "the store was closed");
}

std::size_t weight(const Change& change) {
  return change.key.size() + (change.value ? change.value->size() : 0);
}

}  // namespace

struct LogStore::State : std::enable_shared_from_this<LogStore::State> {
  State(asio::any_io_executor e, std::unique_ptr<Disk> d, std::unique_ptr<DiskRunner> r, const DiskContents& contents,
        LogStoreLimits l)
      : executor(std::move(e)),
        limits(l),
        committer(l.commit, contents),
        compacted(contents.compacted),
        compact_target(contents.compacted),
        recent_after(contents.current),
        disk(std::move(d)),
        runner(std::move(r)) {}

  struct Compaction {
    Revision target = 0;
    Pending<void> answer;
  };

  asio::any_io_executor executor;
  LogStoreLimits limits;
  Committer committer;
  std::map<Committer::WriteId, Pending<Revision>> writers;
  bool is_pump_posted = false;

  Revision compacted = 0;
  Revision compact_target = 0;
  bool is_stepping = false;
  std::vector<Compaction> compactions;

  std::deque<Change> recent;  // all changes after recent_after, in order
  std::size_t recent_bytes = 0;
  Revision recent_after = 0;
  Signal changed;

  std::map<std::uint64_t, std::function<void()>> reads;  // what to do with each read's waiter when the store is closed
  std::uint64_t last_read = 0;
  bool is_closed = false;
  Counts counts;

  std::unique_ptr<Disk> disk;
  std::unique_ptr<DiskRunner> runner;  // goes first: it uses the disk

  void submit(Write write, const Pending<Revision>& answer);
  void deliver();
  void post_pump();
  void pump();
  void group_done(const std::vector<Change>& group, const Result<bool>& outcome);
  void remember(const std::vector<Change>& group);
  void rest();
  void step();
  void step_done(Revision target, const Result<bool>& outcome);
  void fail(const Status& reason);
  void close();
  // Makes a read on the disk's thread; its result goes to `answer`.
  template <class T, class Read>
  void start_read(const Pending<T>& answer, Read read);
  std::vector<Change> recent_changes(Revision revision, std::size_t limit) const;
};

void LogStore::State::submit(Write write, const Pending<Revision>& answer) {
  if (is_closed) return answer->give(failure(closed()));
  writers.emplace(committer.submit(std::move(write)), answer);
  deliver();
  post_pump();
}

void LogStore::State::deliver() {
  for (auto& [id, result] : committer.take_answers()) {
    auto node = writers.extract(id);
    if (!node.empty()) node.mapped()->give(std::move(result));
  }
}

// A group starts only after all that is ready now has run, so that writers who were answered together come back
// together.
void LogStore::State::post_pump() {
  if (is_pump_posted || !committer.has_work()) return;
  is_pump_posted = true;
  asio::post(executor, [weak = weak_from_this()] {
    auto self = weak.lock();
    if (!self || self->is_closed) return;
    self->is_pump_posted = false;
    self->pump();
  });
}

void LogStore::State::pump() {
  auto group = std::make_shared<std::vector<Change>>(committer.start_group());
  if (group->empty()) return;
  auto outcome = std::make_shared<Result<bool>>();
  auto work = [disk = disk.get(), group, outcome] { *outcome = disk->append(*group); };
  std::function<void()> done = [weak = weak_from_this(), group, outcome] {
    if (auto self = weak.lock(); self && !self->is_closed) self->group_done(*group, *outcome);
  };
  if (is_planted("store-answers-before-durable")) {
    group_done(*group, false);
    done = [] {};
  }
  runner->run(DiskRunner::Work::kAppend, std::move(work), std::move(done));
}

void LogStore::State::group_done(const std::vector<Change>& group, const Result<bool>& outcome) {
  if (!outcome) return fail(outcome.error());
  if (!committer.error().empty()) return;  // another disk call failed meanwhile: these writers have had their 500
  committer.finish_group();
  ++counts.groups;
  counts.rows += group.size();
  counts.largest_group = std::max<std::uint64_t>(counts.largest_group, group.size());
  remember(group);
  changed.notify();
  deliver();
  post_pump();
  if (*outcome) rest();
}

void LogStore::State::remember(const std::vector<Change>& group) {
  for (const Change& change : group) {
    recent_bytes += weight(change);
    recent.push_back(change);
  }
  while (recent.size() > limits.recent_changes || (recent_bytes > limits.recent_bytes && recent.size() > 1)) {
    recent_after = recent.front().revision;
    recent_bytes -= weight(recent.front());
    recent.pop_front();
  }
}

void LogStore::State::rest() {
  auto outcome = std::make_shared<Result<void>>();
  auto work = [disk = disk.get(), outcome] { *outcome = disk->rest(); };
  auto done = [weak = weak_from_this(), outcome] {
    if (auto self = weak.lock(); self && !self->is_closed && !*outcome) self->fail(outcome->error());
  };
  runner->run(DiskRunner::Work::kRest, std::move(work), std::move(done));
}

// One step is under way at a time and the next is handed in when it is done, so a waiting group goes between two steps.
void LogStore::State::step() {
  if (is_stepping || is_closed) return;
  is_stepping = true;
  auto outcome = std::make_shared<Result<bool>>();
  auto work = [disk = disk.get(), target = compact_target, rows = limits.compaction_rows, outcome] {
    *outcome = disk->compact_step(target, rows);
  };
  auto done = [weak = weak_from_this(), target = compact_target, outcome] {
    if (auto self = weak.lock(); self && !self->is_closed) self->step_done(target, *outcome);
  };
  runner->run(DiskRunner::Work::kCompact, std::move(work), std::move(done));
}

void LogStore::State::step_done(Revision target, const Result<bool>& outcome) {
  is_stepping = false;
  if (!outcome) return fail(outcome.error());
  ++counts.compaction_steps;
  compacted = std::max(compacted, target);
  bool has_more = *outcome;
  if (!has_more) {
    std::vector<Compaction> left;
    for (auto& compaction : compactions) {
      if (compaction.target <= target) {
        compaction.answer->give(Result<void>());
      } else {
        left.push_back(std::move(compaction));
      }
    }
    compactions = std::move(left);
  }
  if (has_more || compact_target > target) step();
}

void LogStore::State::fail(const Status& reason) {
  committer.abort(reason);
  deliver();
  for (auto& compaction : compactions) compaction.answer->give(failure(500, "InternalError", reason.message));
  compactions.clear();
}

void LogStore::State::close() {
  if (is_closed) return;
  is_closed = true;
  runner.reset();
  disk.reset();
  auto lost = std::move(writers);
  for (auto& [id, answer] : lost) answer->give(failure(closed()));
  for (auto& compaction : compactions) compaction.answer->give(failure(closed()));
  auto abandoned = std::move(reads);
  for (auto& [id, abandon] : abandoned) abandon();
  changed.notify();
}

template <class T, class Read>
void LogStore::State::start_read(const Pending<T>& answer, Read read) {
  if (is_closed) return answer->give(failure(closed()));
  if (reads.size() >= limits.waiting_reads) {
    return answer->give(failure(429, "TooManyRequests", "too many reads are waiting for the disk"));
  }
  auto id = ++last_read;
  reads.emplace(id, [answer] { answer->give(failure(closed())); });
  auto outcome = std::make_shared<std::optional<Result<T>>>();
  auto work = [disk = disk.get(), outcome, read = std::move(read)] { outcome->emplace(read(*disk)); };
  auto done = [weak = weak_from_this(), outcome, answer, id] {
    auto self = weak.lock();
    if (!self || self->is_closed) return;
    self->reads.erase(id);
    answer->give(std::move(**outcome));
  };
  runner->run(DiskRunner::Work::kRead, std::move(work), std::move(done));
}

std::vector<Change> LogStore::State::recent_changes(Revision revision, std::size_t limit) const {
  auto from = std::upper_bound(recent.begin(), recent.end(), revision,
                               [](Revision r, const Change& change) { return r < change.revision; });
  auto count = std::min<std::size_t>(limit, static_cast<std::size_t>(recent.end() - from));
  return {from, from + static_cast<std::ptrdiff_t>(count)};
}

LogStore::LogStore(asio::any_io_executor executor, std::unique_ptr<Disk> disk, std::unique_ptr<DiskRunner> runner,
                   const DiskContents& contents, LogStoreLimits limits)
    : state_(std::make_shared<State>(std::move(executor), std::move(disk), std::move(runner), contents, limits)) {
  if (contents.is_compacting) state_->step();
}

LogStore::~LogStore() {
  state_->close();
}

Revision LogStore::current() const {
  return state_->committer.current();
}
Revision LogStore::compacted() const {
  return state_->compacted;
}
std::string LogStore::write_error() const {
  return state_->committer.error();
}

LogStore::Counts LogStore::counts() const {
  return state_->counts;
}

// None of the coroutines below holds the state while it waits: the store can go before its readers do.
awaitable<Result<Revision>> LogStore::commit(Write write) {
  auto answer = std::make_shared<PendingAnswer<Revision>>();
  state_->submit(std::move(write), answer);
  co_return co_await PendingAnswer<Revision>::wait(answer);
}

awaitable<Result<Base>> LogStore::base() {
  auto answer = std::make_shared<PendingAnswer<Base>>();
  state_->start_read(answer, [](Disk& disk) { return disk.read_base(); });
  co_return co_await PendingAnswer<Base>::wait(answer);
}

awaitable<Result<std::vector<Change>>> LogStore::changes_after(Revision revision, std::size_t limit) {
  std::weak_ptr<State> weak = state_;
  for (;;) {
    auto state = weak.lock();
    if (!state || state->is_closed) co_return failure(closed());
    if (revision < state->compacted) co_return failure(too_old(revision, state->compacted));
    if (revision < state->committer.current()) {
      if (revision >= state->recent_after) co_return state->recent_changes(revision, limit);
      break;
    }
    Signal* changed = &state->changed;
    state.reset();
    co_await changed->wait();
  }
  auto answer = std::make_shared<PendingAnswer<std::vector<Change>>>();
  Revision last = state_->committer.current();
  state_->start_read(answer, [=](Disk& disk) { return disk.read_after(revision, last, limit, kReadBytes); });
  auto changes = co_await PendingAnswer<std::vector<Change>>::wait(answer);
  // What was compacted while the read waited may be missing from it.
  auto state = weak.lock();
  if (state && revision < state->compacted) co_return failure(too_old(revision, state->compacted));
  co_return changes;
}

awaitable<Result<Change>> LogStore::change_at(Revision revision) {
  State& state = *state_;
  if (revision > state.committer.current()) {
    co_return failure(
        504, "Timeout",
        fmt::format("Timeout: Too large resource version: {}, current: {}", revision, state.committer.current()));
  }
  if (revision > state.recent_after && revision > state.compacted) {
    auto found = state.recent_changes(revision - 1, 1);
    if (!found.empty() && found.front().revision == revision) co_return std::move(found.front());
  }
  auto answer = std::make_shared<PendingAnswer<Change>>();
  state.start_read(answer, [revision](Disk& disk) { return disk.read(revision); });
  co_return co_await PendingAnswer<Change>::wait(answer);
}

awaitable<Result<void>> LogStore::compact(Revision revision) {
  State& state = *state_;
  Revision target = std::min(revision, state.committer.current());
  if (!state.committer.error().empty()) co_return failure(500, "InternalError", state.committer.error());
  if (target <= state.compacted && !state.is_stepping) co_return Result<void>();
  auto answer = std::make_shared<PendingAnswer<void>>();
  state.compactions.push_back(State::Compaction{target, answer});
  state.compact_target = std::max(state.compact_target, target);
  state.step();
  co_return co_await PendingAnswer<void>::wait(answer);
}

}  // namespace kubeloop::apiserver
