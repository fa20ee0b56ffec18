// A program to be killed: it writes to a SqliteStore with 50 writers, follows it with a reader and, if told so,
// compacts it all the while, and prints a line for each thing a client was told. kill_test.cpp reads the lines and
// holds the reopened store against them.
//   write REVISION NAME EXPECTED put|delete    a write was acknowledged, or a change read
//   asking REVISION / compacted REVISION       before and after a compaction
#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <cstdlib>
#include <map>

#include "apiserver/storage/sqlite_store.hpp"
#include "libs/base/real_clock.hpp"
#include "libs/base/signal.hpp"
#include "libs/base/task_group.hpp"
#include "tests/storage/kill_text.hpp"

namespace kubeloop::apiserver {
namespace {

struct Writer {
  Store* store = nullptr;
  std::map<std::string, Revision> standing;
  Revision printed = 0;  // by the reader: every revision up to here is known outside
  Signal has_printed;
};

void print(Revision revision, std::string_view name, Revision expected, Change::Kind kind) {
  std::puts(fmt::format("write {} {} {} {}", revision, name, expected, kind == Change::Kind::kPut ? "put" : "delete")
                .c_str());
}

void stop_on(const Status& status) {
  std::fprintf(stderr, "kill_writer: %s\n", status.message.c_str());
  std::exit(1);
}

awaitable<void> write_for_ever(Writer* writer, Rng rng, int number) {
  for (;;) {
    std::string name = fmt::format("pod-{}-{}", number, rng.below(5));
    Revision expected = writer->standing[name];
    bool is_delete = expected != 0 && rng.below(5) == 0;
    Write write = kill_write(name, expected, is_delete);
    auto kind = write.kind;
    auto result = co_await writer->store->commit(std::move(write));
    if (!result) stop_on(result.error());
    writer->standing[name] = is_delete ? 0 : *result;
    print(*result, name, expected, kind);
  }
}

awaitable<void> read_for_ever(Writer* writer, Revision from) {
  for (;;) {
    auto changes = co_await writer->store->changes_after(from, 100);
    if (!changes && changes.error().code == 410) {
      from = writer->store->compacted();
      continue;
    }
    if (!changes) stop_on(changes.error());
    for (const Change& change : *changes) print(change.revision, change.header->name, change.previous, change.kind);
    from = changes->back().revision;
    writer->printed = from;
    writer->has_printed.notify();
  }
}

awaitable<void> compact_for_ever(Writer* writer, Rng rng) {
  for (Revision target = writer->printed;;) {
    while (writer->printed < target + 80) co_await writer->has_printed.wait();
    target = writer->printed - rng.below(20);
    std::puts(fmt::format("asking {}", target).c_str());
    auto done = co_await writer->store->compact(target);
    if (!done) stop_on(done.error());
    std::puts(fmt::format("compacted {}", target).c_str());
  }
}

awaitable<void> start(Writer* writer, TaskGroup* group, std::uint64_t seed, bool is_compacting) {
  auto base = co_await writer->store->base();
  if (!base) stop_on(base.error());
  for (const Change& change : base->changes) writer->standing[change.header->name] = change.revision;
  Revision last = base->revision;
  while (last < writer->store->current()) {
    auto changes = co_await writer->store->changes_after(last, 1000);
    if (!changes) stop_on(changes.error());
    for (const Change& change : *changes) {
      writer->standing[change.header->name] = change.kind == Change::Kind::kPut ? change.revision : 0;
    }
    last = changes->back().revision;
  }
  Rng rng(seed);
  for (int i = 0; i < 50; ++i) {
    Rng own = rng.fork(fmt::format("writer-{}", i));
    group->spawn("writer", write_for_ever(writer, own, i));
  }
  group->spawn("reader", read_for_ever(writer, base->revision));
  if (is_compacting) group->spawn("compaction", compact_for_ever(writer, rng.fork("compaction")));
}

int run(const std::string& directory, std::uint64_t seed, bool is_compacting) {
  std::setvbuf(stdout, nullptr, _IOLBF, 1 << 16);
  boost::asio::io_context context;
  RealClock clock(context);
  NoFaults faults;
  Env env(context.get_executor(), clock, Rng(seed), Log(), faults);
  SqliteStoreOptions options;
  options.directory = directory;
  options.limits.compaction_rows = 100;
  options.disk.checkpoint_pages = 200;
  auto store = SqliteStore::open(context.get_executor(), options);
  if (!store) stop_on(store.error());
  Writer writer;
  writer.store = store->get();
  TaskGroup group(env);
  group.spawn("start", start(&writer, &group, seed, is_compacting));
  context.run();
  return 1;  // it never ends by itself
}

}  // namespace
}  // namespace kubeloop::apiserver

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: kill_writer DIRECTORY SEED compact|plain\n");
    return 2;
  }
  return kubeloop::apiserver::run(argv[1], std::strtoull(argv[2], nullptr, 10), std::string_view(argv[3]) == "compact");
}
