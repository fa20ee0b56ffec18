// How many rows a second a SqliteStore takes, what CPU each costs, and how large the groups are, by number of writers.
// Figures, not a test: they depend on the disk. Usage: store_bench DIRECTORY [ROWS] [VALUE_BYTES]
#include <fmt/format.h>
#include <sys/resource.h>

#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "apiserver/storage/sqlite_store.hpp"
#include "libs/base/real_clock.hpp"
#include "libs/base/task_group.hpp"
#include "tests/storage/sample_pods.hpp"

namespace kubeloop::apiserver {
namespace {

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

awaitable<void> write_rows(Store* store, int writer, std::uint64_t rows, Write sample) {
  std::vector<Revision> standing(20);
  for (std::uint64_t i = 0; i < rows; ++i) {
    Write write = sample;
    write.key = pod_key(fmt::format("w{}-{}", writer, i % standing.size()));
    write.expected = standing[i % standing.size()];
    auto result = co_await store->commit(std::move(write));
    if (!result) {
      std::fprintf(stderr, "%s\n", result.error().message.c_str());
      std::exit(1);
    }
    standing[i % standing.size()] = *result;
  }
}

awaitable<void> compact_all(Store* store) {
  auto done = co_await store->compact(store->current());
  if (!done) std::fprintf(stderr, "%s\n", done.error().message.c_str());
}

void measure(const std::string& directory, int writers, std::uint64_t rows, std::size_t bytes) {
  std::filesystem::remove_all(directory);
  boost::asio::io_context context;
  RealClock clock(context);
  NoFaults faults;
  Env env(context.get_executor(), clock, Rng(1), Log(), faults);
  SqliteStoreOptions options;
  options.directory = directory;
  auto store = SqliteStore::open(context.get_executor(), options);
  if (!store) {
    std::fprintf(stderr, "%s\n", store.error().message.c_str());
    std::exit(1);
  }
  TaskGroup group(env);
  Write sample = put_pod("web", 0, std::string(bytes, 'x'));
  auto each = rows / static_cast<std::uint64_t>(writers);
  for (int i = 0; i < writers; ++i) group.spawn("writer", write_rows(store->get(), i, each, sample));
  auto began = clock.now();
  auto cpu = cpu_seconds();
  context.run();
  auto wall = std::chrono::duration<double>(clock.now() - began).count();
  cpu = cpu_seconds() - cpu;
  auto counts = (*store)->counts();
  auto n = static_cast<double>(counts.rows);
  std::printf("%4d writers: %8.0f rows/s  %6.1f us CPU/row  groups: mean %6.1f, largest %llu\n", writers, n / wall,
              cpu / n * 1e6, n / static_cast<double>(counts.groups),
              static_cast<unsigned long long>(counts.largest_group));

  group.spawn("compaction", compact_all(store->get()));
  context.restart();
  began = clock.now();
  cpu = cpu_seconds();
  context.run();
  wall = std::chrono::duration<double>(clock.now() - began).count();
  std::printf("              compaction: %.2f s in %llu steps, %.1f us CPU/row\n", wall,
              static_cast<unsigned long long>((*store)->counts().compaction_steps), (cpu_seconds() - cpu) / n * 1e6);
  store->reset();
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace kubeloop::apiserver

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: store_bench DIRECTORY [ROWS] [VALUE_BYTES]\n");
    return 2;
  }
  std::uint64_t rows = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 50'000;
  std::size_t bytes = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 4'000;
  for (int writers : {1, 10, 50, 200, 1000}) {
    auto share = writers == 1 ? rows / 10 : rows;
    kubeloop::apiserver::measure(std::string(argv[1]) + "/store-bench", writers, share, bytes);
  }
}
