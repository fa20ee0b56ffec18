// The committer by itself: no disk, no thread, no clock.
#include "apiserver/storage/committer.hpp"

#include <doctest/doctest.h>

#include "tests/storage/sample_pods.hpp"

namespace kubeloop::apiserver {
namespace {

using Answers = std::map<Committer::WriteId, Result<Revision>>;

Answers take(Committer& committer) {
  Answers out;
  for (auto& answer : committer.take_answers()) out.emplace(answer.id, std::move(answer.result));
  return out;
}

Committer empty(Committer::Limits limits = Committer::Limits()) {
  return Committer(limits, DiskContents());
}

}  // namespace

TEST_CASE("writes that come while the disk is busy make one group, answered when it is durable") {
  auto committer = empty();
  auto a = committer.submit(put_pod("a", 0));
  CHECK(committer.start_group().size() == 1);
  auto b = committer.submit(put_pod("b", 0));
  auto c = committer.submit(put_pod("c", 0));
  CHECK(committer.start_group().empty());  // one at a time
  CHECK(take(committer).empty());          // nothing is answered before
  CHECK(committer.current() == 0);
  committer.finish_group();
  CHECK(committer.current() == 1);
  auto first = take(committer);
  REQUIRE(first.size() == 1);
  CHECK(first.at(a) == Revision(1));
  auto group = committer.start_group();
  REQUIRE(group.size() == 2);
  CHECK(group[0].key == pod_key("b"));
  CHECK(group[0].revision == 2);
  CHECK(group[1].revision == 3);
  committer.finish_group();
  auto second = take(committer);
  CHECK(second.at(b) == Revision(2));
  CHECK(second.at(c) == Revision(3));
}

TEST_CASE("a second write to a key in flight is answered after the first one's group") {
  auto committer = empty();
  auto first = committer.submit(put_pod("a", 0));
  auto queued = committer.submit(put_pod("a", 0));
  committer.start_group();
  auto under_way = committer.submit(put_pod("a", 0));
  CHECK(take(committer).empty());
  committer.finish_group();
  auto answers = take(committer);
  CHECK(answers.at(first) == Revision(1));
  for (auto id : {queued, under_way}) {
    REQUIRE(!answers.at(id));
    CHECK(answers.at(id).error().code == 409);
  }
  CHECK(!committer.has_work());
}

TEST_CASE("a write whose expectation holds after the one before it is taken") {
  auto committer = empty();
  committer.submit(put_pod("a", 0));
  committer.start_group();
  committer.finish_group();
  take(committer);
  auto removal = committer.submit(delete_pod("a", 1));
  auto again = committer.submit(put_pod("a", 0));
  auto too_late = committer.submit(put_pod("a", 0));
  CHECK(committer.start_group().size() == 1);
  committer.finish_group();
  CHECK(take(committer).at(removal) == Revision(2));
  auto group = committer.start_group();
  REQUIRE(group.size() == 1);
  CHECK(group[0].create_revision == 3);
  CHECK(group[0].previous == 0);
  committer.finish_group();
  auto answers = take(committer);
  CHECK(answers.at(again) == Revision(3));
  CHECK(!answers.at(too_late));
}

TEST_CASE("groups are bounded in rows and bytes, and a write larger than a group goes alone") {
  Committer::Limits limits;
  limits.group_rows = 3;
  limits.group_bytes = 3000;
  auto committer = empty(limits);
  for (int i = 0; i < 4; ++i) committer.submit(put_pod("small-" + std::to_string(i), 0));
  committer.submit(put_pod("huge", 0, std::string(9000, 'x')));
  committer.submit(put_pod("last", 0));
  std::vector<std::size_t> sizes;
  while (committer.has_work()) {
    sizes.push_back(committer.start_group().size());
    committer.finish_group();
  }
  CHECK(sizes == std::vector<std::size_t>{3, 1, 1, 1});
}

TEST_CASE("what waits is bounded") {
  Committer::Limits limits;
  limits.waiting_rows = 2;
  auto committer = empty(limits);
  committer.submit(put_pod("a", 0));
  committer.submit(put_pod("a", 0));
  auto refused = committer.submit(put_pod("b", 0));
  auto answers = take(committer);
  CHECK(answers.at(refused).error().code == 429);
  CHECK(answers.at(refused).error().retry_after_seconds == 1);
  committer.start_group();
  committer.finish_group();
  auto taken = committer.submit(put_pod("b", 0));
  committer.start_group();
  committer.finish_group();
  CHECK(take(committer).at(taken) == Revision(2));
}

TEST_CASE("after a disk error everything is answered 500 and no revision is handed out again") {
  DiskContents contents;
  contents.current = 10;
  contents.keys.push_back(KeyState{pod_key("old"), 7, 5});
  Committer committer(Committer::Limits(), contents);
  auto update = committer.submit(put_pod("old", 7));
  auto group = committer.start_group();
  REQUIRE(group.size() == 1);
  CHECK(group[0].revision == 11);
  CHECK(group[0].create_revision == 5);
  auto behind = committer.submit(put_pod("old", 7));
  auto queued = committer.submit(put_pod("new", 0));
  committer.abort(Status(500, "InternalError", "no space"));
  auto later = committer.submit(put_pod("later", 0));
  auto answers = take(committer);
  for (auto id : {update, behind, queued, later}) {
    REQUIRE(!answers.at(id));
    CHECK(answers.at(id).error().code == 500);
    CHECK(answers.at(id).error().message == "the store cannot write: no space");
  }
  CHECK(committer.current() == 10);
  CHECK(committer.start_group().empty());
  CHECK(committer.error() == "no space");
}

}  // namespace kubeloop::apiserver
