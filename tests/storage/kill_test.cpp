// SIGKILL under write load, twenty times on one data directory, in every other round also during compaction.
#include <doctest/doctest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <sstream>

#include "apiserver/storage/sqlite_store.hpp"
#include "libs/base/real_clock.hpp"
#include "libs/base/task_group.hpp"
#include "tests/storage/kill_text.hpp"
#include "tests/storage/store_ledger.hpp"

namespace kubeloop::apiserver {
namespace {

struct Tally {
  std::size_t writes = 0;
  std::size_t compactions = 0;
};

void take_line(const std::string& line, StoreLedger& ledger, Tally& tally) {
  std::istringstream words(line);
  std::string what, name, kind;
  Revision revision = 0, expected = 0;
  words >> what >> revision;
  if (what == "asking") {
    ledger.asked_compaction(revision);
  } else if (what == "compacted") {
    ledger.got_compaction(revision);
    ++tally.compactions;
  } else {
    words >> name >> expected >> kind;
    REQUIRE((kind == "put" || kind == "delete"));
    if (name.starts_with("after-")) return;  // written by the check itself
    Write write = kill_write(name, expected, kind == "delete");
    ledger.know(revision, StoreLedger::Entry{write.key, write.kind, *write.value});
    ++tally.writes;
  }
}

// Starts the writer, kills it after `lines` lines, and takes in everything that it had said until then.
Tally run_and_kill(const std::string& directory, int round, std::size_t lines, StoreLedger& ledger) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_addclose(&actions, ends[0]);
  std::string program = KUBELOOP_BIN_DIR "/kill_writer", seed = std::to_string(round);
  std::string mode = round % 2 ? "compact" : "plain", place = directory;
  char* args[] = {program.data(), place.data(), seed.data(), mode.data(), nullptr};
  pid_t pid = 0;
  REQUIRE(posix_spawn(&pid, program.c_str(), &actions, nullptr, args, environ) == 0);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  Tally tally;
  std::size_t taken = 0;
  std::string text;
  char buffer[1 << 14];
  for (ssize_t n; (n = read(ends[0], buffer, sizeof buffer)) > 0;) {
    text.append(buffer, static_cast<std::size_t>(n));
    std::size_t from = 0;
    for (std::size_t end; (end = text.find('\n', from)) != std::string::npos; from = end + 1) {
      take_line(text.substr(from, end - from), ledger, tally);
      if (++taken == lines) CHECK(kill(pid, SIGKILL) == 0);
    }
    text.erase(0, from);  // a line that was cut off told nobody anything
  }
  close(ends[0]);
  int status = 0;
  REQUIRE(waitpid(pid, &status, 0) == pid);
  CHECK(WIFSIGNALED(status));
  CHECK(taken >= lines);
  return tally;
}

std::vector<std::string> reopen(const std::string& directory, StoreLedger& ledger) {
  boost::asio::io_context context;
  RealClock clock(context);
  NoFaults faults;
  Env env(context.get_executor(), clock, Rng(1), Log(), faults);
  SqliteStoreOptions options;
  options.directory = directory;
  auto store = SqliteStore::open(context.get_executor(), options);
  if (!store) return {store.error().message};
  std::optional<std::vector<std::string>> problems;
  auto scene = [](Store* s, StoreLedger* known, std::optional<std::vector<std::string>>* out) -> awaitable<void> {
    *out = co_await check_reopened(s, known);
  };
  TaskGroup group(env);
  group.spawn("check", scene(store->get(), &ledger, &problems));
  context.run();
  REQUIRE(problems);
  return *problems;
}

}  // namespace

TEST_CASE("twenty SIGKILLs under load lose nothing that a client was told") {
  char path[] = "/tmp/kubeloop-kill-XXXXXX";
  std::string directory = mkdtemp(path);
  StoreLedger ledger;
  Rng rng(20);
  std::size_t writes = 0, compactions = 0;
  for (int round = 0; round < 20; ++round) {
    auto tally = run_and_kill(directory, round, 100 + rng.below(4000), ledger);
    writes += tally.writes;
    compactions += tally.compactions;
    auto problems = reopen(directory, ledger);
    INFO("round ", round);
    REQUIRE_MESSAGE(problems.empty(), problems.front());
  }
  CHECK(writes > 10'000);
  CHECK(compactions > 10);
  MESSAGE("acknowledged or read: ", writes, ", compactions: ", compactions);
  std::filesystem::remove_all(directory);
}

}  // namespace kubeloop::apiserver
