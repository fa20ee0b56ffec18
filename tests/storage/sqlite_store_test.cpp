// What only the store on disk can do: refuse files, share no directory, survive a disk that fails.
#include "apiserver/storage/sqlite_store.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <fstream>

#include "apiserver/storage/timed_runner.hpp"
#include "simulator/faults/sqlite_power_loss_vfs.hpp"
#include "tests/storage/sim_world.hpp"

namespace kubeloop::apiserver {
namespace {

namespace fs = std::filesystem;

struct Directory {
  Directory() {
    char path[] = "/tmp/kubeloop-sqlite-XXXXXX";
    name = mkdtemp(path);
  }
  ~Directory() { fs::remove_all(name); }
  std::string file() const { return name + "/kubeloop.db"; }
  std::string bytes() const {
    std::ifstream in(file(), std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
  }
  void write(const std::string& content) const { std::ofstream(file(), std::ios::binary) << content; }
  // Changes the file with SQLite itself.
  void run(const std::string& sql) const {
    sqlite3* db = nullptr;
    REQUIRE(sqlite3_open(file().c_str(), &db) == SQLITE_OK);
    REQUIRE(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
    sqlite3_close(db);
  }
  std::string name;
};

struct Opened {
  Opened() : context(std::make_unique<boost::asio::io_context>()) {}
  std::unique_ptr<boost::asio::io_context> context;
  std::unique_ptr<SqliteStore> store;
  std::string error, reason;
};

Opened open(const std::string& directory) {
  Opened out;
  SqliteStoreOptions options;
  options.directory = directory;
  auto store = SqliteStore::open(out.context->get_executor(), options);
  if (store) {
    out.store = std::move(*store);
  } else {
    out.error = store.error().message;
    out.reason = store.error().reason;
  }
  return out;
}

// A store in virtual time over a file system that can fail.
struct Fragile {
  explicit Fragile(std::string name) : vfs(std::move(name)) { open(); }
  void open() {
    store.reset();
    SqliteDiskOptions options;
    options.vfs = vfs.name();
    options.checkpoint_pages = checkpoint_pages;
    DiskContents contents;
    auto disk = SqliteDisk::open("/data", options, contents);
    REQUIRE_MESSAGE(disk, disk.error().message);
    auto runner = std::make_unique<TimedRunner>(world.loop, DiskTimes());
    store =
        std::make_unique<LogStore>(world.env.executor, std::move(*disk), std::move(runner), contents, LogStoreLimits());
  }
  Result<Revision> commit(Write write) { return world.run(store->commit(std::move(write))); }

  SimWorld world;
  simulator::PowerLossVfs vfs;
  int checkpoint_pages = 1000;
  std::unique_ptr<LogStore> store;
};

}  // namespace

TEST_CASE("a directory is opened by one process at a time") {
  Directory directory;
  auto first = open(directory.name + "/new/data");
  REQUIRE_MESSAGE(first.store, first.error);
  auto second = open(directory.name + "/new/data");
  CHECK(!second.store);
  CHECK(second.reason == "AddressInUse");
  CHECK(second.error == fmt::format("data directory {}/new/data is in use by process {}", directory.name, getpid()));
  first.store.reset();
  CHECK(open(directory.name + "/new/data").store);
  auto permissions = fs::status(directory.name + "/new/data").permissions();
  CHECK((permissions & (fs::perms::group_all | fs::perms::others_all)) == fs::perms::none);
}

TEST_CASE("a newer format is refused with one line and left as it is") {
  Directory directory;
  REQUIRE(open(directory.name).store);
  directory.run("PRAGMA user_version=7");
  auto before = directory.bytes();
  auto again = open(directory.name);
  CHECK(!again.store);
  CHECK(again.error == fmt::format("data directory {} has format 7; this kubeloop reads up to 1", directory.name));
  CHECK(directory.bytes() == before);
}

TEST_CASE("the database of another program is refused") {
  Directory directory;
  directory.run("CREATE TABLE mine(x)");
  auto opened = open(directory.name);
  CHECK(!opened.store);
  CHECK(opened.error == fmt::format("{} is the database of another program; nothing was changed", directory.file()));
}

TEST_CASE("a damaged database is refused with one line naming the file, and nothing is deleted") {
  Directory directory;
  {
    auto opened = open(directory.name);
    REQUIRE(opened.store);
  }
  std::string filler;
  for (int i = 0; i < 200; ++i) {
    filler += fmt::format("INSERT INTO log VALUES({},'/registry/pods/default/p{}',0,{},0,0,x'01',zeroblob(900));",
                          i + 1, i, i + 1);
  }
  directory.run(filler);
  std::string good = directory.bytes();
  REQUIRE(good.size() > 20 * 4096);
  std::string damaged;
  SUBCASE("garbage") {
    damaged = "this is no database, and long enough to be looked at by anybody who wants to know";
  }
  SUBCASE("the first page is gone") {
    damaged = std::string(4096, '\0') + good.substr(4096);
  }
  SUBCASE("a page in the middle is gone") {
    damaged = good;
    damaged.replace(8 * 4096, 3 * 4096, std::string(3 * 4096, '\x7f'));
  }
  SUBCASE("the end is gone") {
    damaged = good.substr(0, 5 * 4096);
  }
  directory.write(damaged);
  auto opened = open(directory.name);
  CHECK(!opened.store);
  CHECK(opened.error.find("database " + directory.file() + " is damaged: ") == 0);
  CHECK(opened.error.ends_with("; nothing was changed"));
  CHECK(opened.error.find('\n') == std::string::npos);
  CHECK(directory.bytes() == damaged);
}

TEST_CASE("a full disk turns the store read-only, and nothing of what failed is ever seen") {
  Fragile fragile("full");
  REQUIRE(fragile.commit(put_pod("a", 0)));
  fragile.vfs.limit_growth(3000);
  auto failed = fragile.commit(put_pod("b", 0, std::string(50'000, 'x')));
  REQUIRE(!failed);
  CHECK(failed.error().code == 500);
  CHECK(fragile.store->write_error().find("full") != std::string::npos);
  auto later = fragile.commit(put_pod("c", 0));
  REQUIRE(!later);
  CHECK(later.error().code == 500);
  CHECK(fragile.store->current() == 1);
  auto read = fragile.world.run(fragile.store->change_at(1));
  CHECK(read);  // reading goes on
  auto compaction = fragile.world.run(fragile.store->compact(1));
  CHECK(!compaction);
  fragile.vfs.limit_growth(1 << 20);
  fragile.open();
  CHECK(fragile.store->current() == 1);
  CHECK(fragile.store->write_error().empty());
  CHECK(fragile.commit(put_pod("c", 0)) == Revision(2));
}

TEST_CASE("a group whose sync failed is answered 500 and is not there after a restart") {
  Fragile fragile("sync");
  REQUIRE(fragile.commit(put_pod("a", 0)));
  fragile.vfs.fail_sync(1);
  auto failed = fragile.commit(put_pod("b", 0));
  REQUIRE(!failed);
  CHECK(failed.error().code == 500);
  CHECK(!fragile.commit(put_pod("c", 0)));
  CHECK(!fragile.store->write_error().empty());
  SUBCASE("the store is closed in order") {}
  SUBCASE("the process is killed") {
    fragile.vfs.cut_now();
    fragile.store.reset();
    fragile.vfs.revive();
  }
  SUBCASE("the power goes") {
    fragile.vfs.cut_now();
    fragile.store.reset();
    Rng rng(5);
    fragile.vfs.restore(rng);
  }
  fragile.open();
  CHECK(fragile.store->current() == 1);
  CHECK(fragile.commit(put_pod("b", 0)) == Revision(2));
}

TEST_CASE("a checkpoint that fails turns the store read-only, and the answered writes are there") {
  Fragile fragile("checkpoint");
  fragile.checkpoint_pages = 8;
  fragile.open();
  int answered = 0;
  for (int i = 0; i < 50; ++i) {
    if (i == 10) fragile.vfs.fail_sync(6);
    if (!fragile.commit(put_pod(fmt::format("pod-{}", i), 0))) break;
    ++answered;
  }
  CHECK(answered >= 10);
  CHECK(answered < 50);
  CHECK(!fragile.store->write_error().empty());
  fragile.open();
  CHECK(fragile.store->current() == static_cast<Revision>(answered));
}

TEST_CASE("a compaction that a restart cut short goes on by itself") {
  Directory directory;
  {
    SimWorld world;
    SqliteDiskOptions options;
    DiskContents contents;
    auto disk = SqliteDisk::open(directory.name, options, contents);
    REQUIRE(disk);
    std::vector<Change> group(60);
    for (std::size_t i = 0; i < group.size(); ++i) {
      Write write = put_pod("a", i);
      group[i].revision = i + 1;
      group[i].previous = i;
      group[i].create_revision = 1;
      group[i].key = write.key;
      group[i].header = write.header;
      group[i].value = write.value;
    }
    REQUIRE((*disk)->append(group));
    auto has_more = (*disk)->compact_step(60, 10);
    REQUIRE(has_more);
    CHECK(*has_more);
    auto base = (*disk)->read_base();
    REQUIRE(base);
    REQUIRE(base->changes.size() == 1);  // though most of the superseded rows are still there
    CHECK(base->changes[0].revision == 60);
  }
  auto opened = open(directory.name);
  REQUIRE(opened.store);
  CHECK(opened.store->compacted() == 60);
  opened.context->run();  // the step that it began by itself
  opened.store.reset();
  std::string count = "CREATE TEMP TABLE one(n CHECK(n=1)); INSERT INTO one SELECT count(*) FROM log";
  directory.run(count);
}

}  // namespace kubeloop::apiserver
