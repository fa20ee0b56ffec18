#include "simulator/cluster/sim_storage.hpp"

namespace kubeloop::simulator {

using apiserver::Base;
using apiserver::Change;
using apiserver::Revision;

namespace {

std::unexpected<Status> power_is_off() {
  return failure(500, "InternalError", "the power is off");
}

}  // namespace

// The durable disk as one hub has it open.
class SimStorage::OpenDisk final : public apiserver::Disk {
 public:
  explicit OpenDisk(SimStorage& storage) : storage_(storage) {}

  Result<bool> append(std::span<const Change> group) override {
    if (storage_.is_off_) return power_is_off();
    if (storage_.is_full_) return failure(500, "InternalError", "database or disk is full");
    bool is_last = storage_.passes_cut();
    if (is_last && !storage_.is_cut_carried_out_) return power_is_off();
    auto outcome = storage_.durable_.append(group);
    if (storage_.observer_) {
      for (const auto& change : group) storage_.observer_->committed(change, storage_.env_.clock.now());
    }
    if (is_last) return power_is_off();
    return outcome;
  }
  Result<void> rest() override {
    if (storage_.is_off_) return power_is_off();
    return storage_.durable_.rest();
  }
  Result<Change> read(Revision revision) override { return storage_.durable_.read(revision); }
  Result<std::vector<Change>> read_after(Revision revision, Revision last, std::size_t rows,
                                         std::size_t bytes) override {
    return storage_.durable_.read_after(revision, last, rows, bytes);
  }
  Result<Base> read_base() override { return storage_.durable_.read_base(); }
  Result<bool> compact_step(Revision target, std::size_t rows) override {
    if (storage_.is_off_) return power_is_off();
    bool is_last = storage_.passes_cut();
    if (is_last && !storage_.is_cut_carried_out_) return power_is_off();
    auto outcome = storage_.durable_.compact_step(target, rows);
    if (is_last) return power_is_off();
    return outcome;
  }

 private:
  SimStorage& storage_;
};

SimStorage::SimStorage(const Env& env, Observer* observer, std::function<void()> on_power_cut)
    : env_(env), observer_(observer), on_power_cut_(std::move(on_power_cut)) {}

apiserver::DiskTimes SimStorage::times() const {
  apiserver::MemoryStoreOptions usual;
  apiserver::DiskTimes times;
  times.append = slow_append_ > Duration::zero() ? slow_append_ : usual.commit_latency;
  times.read = usual.read_latency;
  times.compact = usual.compaction_latency;
  return times;
}

std::unique_ptr<apiserver::LogStore> SimStorage::open() {
  is_off_ = false;
  auto runner = std::make_unique<apiserver::TimedRunner>(env_.clock, times());
  runner_ = runner.get();
  return std::make_unique<apiserver::LogStore>(env_.executor, std::make_unique<OpenDisk>(*this), std::move(runner),
                                               durable_.contents(), apiserver::LogStoreLimits());
}

void SimStorage::set_slow(Duration append) {
  slow_append_ = append;
  if (runner_) runner_->set_times(times());
}

void SimStorage::cut_power(std::uint64_t calls, bool is_carried_out) {
  calls_to_cut_ = calls;
  is_cut_carried_out_ = is_carried_out;
}

bool SimStorage::passes_cut() {
  if (calls_to_cut_ == 0 || --calls_to_cut_ > 0) return false;
  is_off_ = true;
  on_power_cut_();
  return true;
}

Result<StoredObjects> SimStorage::read_all() {
  constexpr std::size_t kRows = 10'000, kBytes = 64u << 20;
  StoredObjects objects;
  auto base = durable_.read_base();
  if (!base) return failure(base.error());
  for (auto& change : base->changes) objects[change.key] = change.value;
  Revision at = base->revision, last = durable_.contents().current;
  while (at < last) {
    auto changes = durable_.read_after(at, last, kRows, kBytes);
    if (!changes) return failure(changes.error());
    if (changes->empty()) break;
    for (auto& change : *changes) {
      at = change.revision;
      if (change.kind == Change::Kind::kPut) {
        objects[change.key] = change.value;
      } else {
        objects.erase(change.key);
      }
    }
  }
  return objects;
}

}  // namespace kubeloop::simulator
