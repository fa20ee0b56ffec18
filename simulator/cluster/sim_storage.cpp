#include "simulator/cluster/sim_storage.hpp"

#include <fmt/format.h>

#include "apiserver/storage/memory_store.hpp"
#include "apiserver/storage/sqlite_disk.hpp"
#include "simulator/faults/sqlite_power_loss_vfs.hpp"

namespace kubeloop::simulator {

using apiserver::Base;
using apiserver::Change;
using apiserver::Disk;
using apiserver::DiskContents;
using apiserver::Revision;

namespace {

std::unexpected<Status> power_is_off() {
  return failure(500, "InternalError", "the power is off");
}

// The log in memory, which outlives those who have it open.
class SharedMemoryDisk final : public Disk {
 public:
  explicit SharedMemoryDisk(apiserver::MemoryDisk& disk) : disk_(disk) {}
  Result<bool> append(std::span<const Change> group) override { return disk_.append(group); }
  Result<void> rest() override { return disk_.rest(); }
  Result<Change> read(Revision revision) override { return disk_.read(revision); }
  Result<std::vector<Change>> read_after(Revision revision, Revision last, std::size_t rows,
                                         std::size_t bytes) override {
    return disk_.read_after(revision, last, rows, bytes);
  }
  Result<Base> read_base() override { return disk_.read_base(); }
  Result<bool> compact_step(Revision target, std::size_t rows) override { return disk_.compact_step(target, rows); }

 private:
  apiserver::MemoryDisk& disk_;
};

constexpr const char* kDirectory = "/kubeloop";

std::string next_vfs_name() {
  static std::uint64_t last = 0;
  return fmt::format("kubeloop-sim-{}", ++last);
}

}  // namespace

// The disk as one hub has it open.
class SimStorage::OpenDisk final : public Disk {
 public:
  OpenDisk(SimStorage& storage, std::unique_ptr<Disk> medium) : storage_(storage), medium_(std::move(medium)) {
    storage_.open_disk_ = this;
  }
  ~OpenDisk() override { storage_.open_disk_ = nullptr; }

  Result<bool> append(std::span<const Change> group) override {
    bool is_full = storage_.is_full_ && storage_.medium_ == Medium::kMemory;
    if (is_full && !storage_.is_off_) return failure(500, "InternalError", "database or disk is full");
    auto outcome = change([&] { return medium_->append(group); });
    if (outcome) {
      for (const auto& one : group) storage_.tell(one);
    }
    if (storage_.is_off_) return power_is_off();
    return outcome;
  }
  Result<void> rest() override {
    auto outcome = change([&] { return medium_->rest(); });
    if (storage_.is_off_) return power_is_off();
    return outcome;
  }
  Result<Change> read(Revision revision) override { return medium_->read(revision); }
  Result<std::vector<Change>> read_after(Revision revision, Revision last, std::size_t rows,
                                         std::size_t bytes) override {
    return medium_->read_after(revision, last, rows, bytes);
  }
  Result<Base> read_base() override { return medium_->read_base(); }
  Result<bool> compact_step(Revision target, std::size_t rows) override {
    auto outcome = change([&] { return medium_->compact_step(target, rows); });
    if (storage_.is_off_) return power_is_off();
    return outcome;
  }

 private:
  // A call that changes something: the power may go with it.
  template <class Call>
  auto change(Call call) -> decltype(call()) {
    if (storage_.is_off_) return power_is_off();
    bool is_last = storage_.passes_cut();
    if (is_last && !storage_.is_cut_carried_out_) return power_is_off();
    auto outcome = call();
    if (storage_.vfs_ && storage_.vfs_->is_off() && !storage_.is_off_) storage_.lose_power();
    return outcome;
  }

  SimStorage& storage_;
  std::unique_ptr<Disk> medium_;
};

SimStorage::SimStorage(const Env& env, Medium medium, Observer* observer, std::function<void()> on_power_cut)
    : env_(env),
      medium_(medium),
      observer_(observer),
      on_power_cut_(std::move(on_power_cut)),
      rng_(env.rng.fork("disk")) {
  if (medium_ == Medium::kSqlite) vfs_ = std::make_unique<PowerLossVfs>(next_vfs_name());
}

SimStorage::~SimStorage() = default;

apiserver::DiskTimes SimStorage::times() const {
  apiserver::MemoryStoreOptions usual;
  apiserver::DiskTimes times;
  times.append = slow_append_ > Duration::zero() ? slow_append_ : usual.commit_latency;
  times.read = usual.read_latency;
  times.compact = usual.compaction_latency;
  return times;
}

Result<std::unique_ptr<Disk>> SimStorage::open_medium(DiskContents& contents) {
  if (!vfs_) {
    contents = durable_.contents();
    return std::make_unique<SharedMemoryDisk>(durable_);
  }
  if (vfs_->is_off()) {
    is_power_lost_ ? vfs_->restore(rng_) : vfs_->revive();
  }
  apiserver::SqliteDiskOptions options;
  options.vfs = vfs_->name();
  auto disk = apiserver::SqliteDisk::open(kDirectory, options, contents);
  if (!disk) return failure(disk.error());
  return std::unique_ptr<Disk>(std::move(*disk));
}

Result<std::unique_ptr<apiserver::LogStore>> SimStorage::open() {
  DiskContents contents;
  auto medium = open_medium(contents);
  if (!medium) return failure(medium.error());
  is_off_ = is_power_lost_ = false;
  // What was durable although nobody was told so any more.
  if (contents.current > last_told_) {
    auto unheard = (*medium)->read_after(last_told_, contents.current, SIZE_MAX, SIZE_MAX);
    if (!unheard) return failure(unheard.error());
    for (const auto& change : *unheard) tell(change);
  }
  auto runner = std::make_unique<apiserver::TimedRunner>(env_.clock, times());
  runner_ = runner.get();
  return std::make_unique<apiserver::LogStore>(env_.executor, std::make_unique<OpenDisk>(*this, std::move(*medium)),
                                               std::move(runner), contents, apiserver::LogStoreLimits());
}

void SimStorage::crash() {
  runner_ = nullptr;
  is_off_ = true;
  if (vfs_) vfs_->cut_now();
}

void SimStorage::tell(const Change& change) {
  last_told_ = std::max(last_told_, change.revision);
  if (observer_) observer_->committed(change, env_.clock.now());
}

void SimStorage::set_full(bool is_full) {
  is_full_ = is_full;
  if (vfs_) is_full ? vfs_->limit_growth(1) : vfs_->lift_limit();
}

void SimStorage::set_slow(Duration append) {
  slow_append_ = append;
  if (runner_) runner_->set_times(times());
}

void SimStorage::cut_power(std::uint64_t calls, bool is_carried_out) {
  is_cut_carried_out_ = is_carried_out;
  if (vfs_) {
    vfs_->cut_after(calls);
  } else {
    calls_to_cut_ = calls;
  }
}

void SimStorage::forget_power_cut() {
  calls_to_cut_ = 0;
  if (vfs_ && !vfs_->is_off()) vfs_->forget_cut();
}

bool SimStorage::passes_cut() {
  if (calls_to_cut_ == 0 || --calls_to_cut_ > 0) return false;
  lose_power();
  return true;
}

void SimStorage::lose_power() {
  is_off_ = is_power_lost_ = true;
  on_power_cut_();
}

Result<StoredObjects> SimStorage::read_all() {
  std::unique_ptr<Disk> opened;
  Disk* disk = open_disk_;
  if (!disk) {
    DiskContents contents;
    auto medium = open_medium(contents);
    if (!medium) return failure(medium.error());
    opened = std::move(*medium);
    disk = opened.get();
  }
  StoredObjects objects;
  auto base = disk->read_base();
  if (!base) return failure(base.error());
  for (auto& change : base->changes) objects[change.key] = change.value;
  auto changes = disk->read_after(base->revision, last_told_, SIZE_MAX, SIZE_MAX);
  if (!changes) return failure(changes.error());
  for (auto& change : *changes) {
    if (change.kind == Change::Kind::kPut) {
      objects[change.key] = change.value;
    } else {
      objects.erase(change.key);
    }
  }
  return objects;
}

}  // namespace kubeloop::simulator
