#include "simulator/sweep/sweep.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <nlohmann/json.hpp>
#include <thread>

#include "simulator/sweep/worker.hpp"

namespace kubeloop::simulator {
namespace {

using nlohmann::json;

struct Job {
  std::size_t scenario = 0;
  std::uint64_t seed = 0;
};

// The same order as that of several scenarios in one command.
class Parent {
 public:
  Parent(const std::vector<Scenario>& scenarios, const SweepOptions& options,
         const std::function<void(std::uint64_t, std::uint64_t, std::size_t)>& progress)
      : scenarios_(scenarios), options_(options), progress_(progress) {
    for (std::uint64_t i = 0; i < options.seeds; ++i) {
      for (std::size_t s = 0; s < scenarios.size(); ++s) jobs_.push_back(Job{s, options.first_seed + i});
    }
  }

  Result<SweepResult> run() {
    int wanted = options_.workers > 0 ? options_.workers : static_cast<int>(std::thread::hardware_concurrency());
    wanted = std::clamp<int>(wanted, 1, static_cast<int>(std::max<std::size_t>(1, jobs_.size())));
    for (int i = 0; i < wanted && has_job(); ++i) {
      if (!start_worker() && workers_.empty()) return failure(500, "InternalError", "no worker could be started");
    }
    while (!workers_.empty()) wait();
    if (is_out_of_workers_) return failure(500, "InternalError", "no worker could be started");
    std::ranges::sort(result_.failures, {}, [](const auto& f) { return std::pair(f.scenario, f.seed); });
    return std::move(result_);
  }

 private:
  struct Working {
    Worker worker;
    Job job;
    std::string unread;
  };

  bool has_job() {
    while (next_ < jobs_.size() && is_given_up(jobs_[next_])) {
      ++next_;
      ++done_;
    }
    return next_ < jobs_.size();
  }
  bool is_given_up(const Job& job) const { return options_.stops_at_first && failed_.contains(job.scenario); }

  bool start_worker() {
    auto worker = Worker::start([this](const std::string& line) { return work(line); });
    if (!worker) return false;
    Working working{std::move(*worker), {}, {}};
    if (!give_job(working)) return false;
    workers_.push_back(std::move(working));
    return true;
  }

  // False when there is none left, or the worker has died: then the job waits for another one.
  bool give_job(Working& working) {
    if (!has_job()) return false;
    working.job = jobs_[next_];
    if (!working.worker.send(fmt::format("{}\n", next_))) return false;
    ++next_;
    return true;
  }

  // In the worker: one run, as one line.
  std::string work(const std::string& line) {
    const Job& job = jobs_[std::stoull(line)];
    RunReport report = run_once(scenarios_[job.scenario], options_, job.seed);
    json out = {{"verdict", static_cast<int>(report.verdict)},
                {"message", report.message},
                {"violation", report.violation ? report.violation->checker : ""},
                {"causes", report.causes},
                {"faults", report.faults.size()},
                {"virtual", report.virtual_time.count()},
                {"steps", report.loop_steps}};
    return out.dump(-1, ' ', true, json::error_handler_t::replace);
  }

  void wait() {
    std::vector<pollfd> polled;
    for (const auto& working : workers_) polled.push_back({working.worker.reading_end(), POLLIN, 0});
    if (::poll(polled.data(), polled.size(), -1) < 0 && errno != EINTR) return;
    for (std::size_t i = polled.size(); i-- > 0;) {
      if (polled[i].revents != 0) read_from(i);
    }
  }

  void read_from(std::size_t index) {
    Working& working = workers_[index];
    bool is_alive = working.worker.read_into(working.unread);
    auto end = working.unread.find('\n');
    if (end != std::string::npos) {
      take(working.job, working.unread.substr(0, end));
      working.unread.erase(0, end + 1);
      if (give_job(working)) return;
      workers_.erase(workers_.begin() + static_cast<std::ptrdiff_t>(index));
      replace_worker();
      return;
    }
    if (is_alive) return;
    // It died in the middle of a run.
    Job job = working.job;
    std::string why = working.worker.reap();
    workers_.erase(workers_.begin() + static_cast<std::ptrdiff_t>(index));
    note(SweepFailure{job.scenario, job.seed, Verdict::kError, "the run ended the process: " + why, "", {}});
    replace_worker();
  }

  // For the jobs that are left, in the place of one that has died.
  void replace_worker() {
    if (has_job() && !start_worker() && workers_.empty()) is_out_of_workers_ = true;
  }

  void take(const Job& job, const std::string& line) {
    json told = json::parse(line, nullptr, false);
    if (!told.is_object()) told = json::object();
    result_.faults += told.value("faults", std::uint64_t{0});
    result_.virtual_time += Duration(told.value("virtual", std::int64_t{0}));
    result_.loop_steps += told.value("steps", std::uint64_t{0});
    auto verdict = static_cast<Verdict>(told.value("verdict", static_cast<int>(Verdict::kError)));
    SweepFailure failure{job.scenario,
                         job.seed,
                         verdict,
                         told.value("message", "the worker's answer cannot be read"),
                         told.value("violation", ""),
                         told.value("causes", std::vector<std::string>())};
    if (verdict == Verdict::kPassed) {
      ++result_.runs;
      ++done_;
      tell();
    } else {
      note(std::move(failure));
    }
  }

  void note(SweepFailure failure) {
    ++result_.runs;
    ++done_;
    failed_.insert(failure.scenario);
    result_.failures.push_back(std::move(failure));
    tell();
  }

  void tell() {
    if (progress_) progress_(done_, jobs_.size(), result_.failures.size());
  }

  const std::vector<Scenario>& scenarios_;
  const SweepOptions& options_;
  const std::function<void(std::uint64_t, std::uint64_t, std::size_t)>& progress_;
  std::vector<Job> jobs_;
  std::size_t next_ = 0;
  std::uint64_t done_ = 0;
  std::set<std::size_t> failed_;
  std::vector<Working> workers_;
  bool is_out_of_workers_ = false;
  SweepResult result_;
};

}  // namespace

Verdict SweepResult::verdict() const {
  Verdict worst = Verdict::kPassed;
  for (const auto& failure : failures) {
    worst = worse(worst, failure.verdict);
  }
  return worst;
}

VirtualRunOptions options_of(const SweepOptions& options, std::uint64_t seed) {
  VirtualRunOptions out;
  out.seed = seed;
  if (options.shuffles) out.shuffle_seed = seed;
  out.draws_faults = options.draws_faults;
  out.fault_areas = options.fault_areas;
  out.fidelity = options.fidelity;
  out.medium = options.medium;
  out.detail = Detail::kSteps;
  return out;
}

RunReport run_once(const Scenario& scenario, const SweepOptions& options, std::uint64_t seed) {
  return run_and_compare(scenario, options_of(options, seed), options.is_twice);
}

Result<SweepResult> sweep(const std::vector<Scenario>& scenarios, const SweepOptions& options,
                          const std::function<void(std::uint64_t, std::uint64_t, std::size_t)>& progress) {
  return Parent(scenarios, options, progress).run();
}

}  // namespace kubeloop::simulator
