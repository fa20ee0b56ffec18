// LIST and GET by resourceVersion, pages, selectors, Tables. Source: Kubernetes' API concepts.
#include "tests/apiserver/hub_fixture.hpp"

namespace kubeloop::apiserver {
namespace {

const std::string kMaps = "/api/v1/namespaces/default/configmaps";

std::string revision_of(const Json& object) {
  return object["metadata"]["resourceVersion"].get<std::string>();
}

std::vector<std::string> names_of(const Json& list) {
  std::vector<std::string> out;
  for (const auto& item : list["items"]) out.push_back(item["metadata"]["name"].get<std::string>());
  return out;
}
using Names = std::vector<std::string>;

struct FiveMaps : HubFixture {
  FiveMaps() {
    for (const char* name : {"e", "c", "a", "d", "b"}) {
      auto object = config_map(name);
      object["metadata"]["labels"]["odd"] = std::string(name) == "a" || std::string(name) == "c" ? "yes" : "no";
      REQUIRE(post(kMaps, object).code == 201);
    }
  }
};

TEST_CASE("an empty list has items and a revision") {
  HubFixture hub;
  auto list = hub.get(kMaps).json();
  CHECK(list["items"] == Json::array());
  CHECK(std::stoull(revision_of(list)) > 0);
  CHECK_FALSE(list["metadata"].contains("continue"));
}

TEST_CASE("pages are in key order and of one revision") {
  FiveMaps hub;
  auto first = hub.get(kMaps + "?limit=2").json();
  CHECK(names_of(first) == Names{"a", "b"});
  CHECK(first["metadata"]["remainingItemCount"] == 3);
  auto token = first["metadata"]["continue"].get<std::string>();
  CHECK(hub.remove(kMaps + "/d").code == 200);
  CHECK(hub.post(kMaps, HubFixture::config_map("cc")).code == 201);
  auto second = hub.get(kMaps + "?limit=2&continue=" + token).json();
  CHECK(names_of(second) == Names{"c", "d"});
  CHECK(revision_of(second) == revision_of(first));
  auto third = hub.get(kMaps + "?limit=2&continue=" + second["metadata"]["continue"].get<std::string>()).json();
  CHECK(names_of(third) == Names{"e"});
  CHECK_FALSE(third["metadata"].contains("continue"));
  CHECK_FALSE(third["metadata"].contains("remainingItemCount"));
  CHECK(names_of(hub.get(kMaps).json()) == Names{"a", "b", "c", "cc", "e"});
}

TEST_CASE("limits and selectors") {
  FiveMaps hub;
  auto page = hub.get(kMaps + "?limit=1&labelSelector=odd%3Dyes").json();
  CHECK(names_of(page) == Names{"a"});
  CHECK(page["metadata"].contains("continue"));
  CHECK_FALSE(page["metadata"].contains("remainingItemCount"));
  auto rest =
      hub.get(kMaps + "?limit=5&labelSelector=odd%3Dyes&continue=" + page["metadata"]["continue"].get<std::string>())
          .json();
  CHECK(names_of(rest) == Names{"c"});
  CHECK(names_of(hub.get(kMaps + "?labelSelector=odd+notin+(yes)").json()) == Names{"b", "d", "e"});
  CHECK(names_of(hub.get(kMaps + "?fieldSelector=metadata.name%3Dc").json()) == Names{"c"});
  CHECK(names_of(hub.get(kMaps + "?fieldSelector=metadata.name!%3Dc").json()) == Names{"a", "b", "d", "e"});
  CHECK(hub.get(kMaps + "?fieldSelector=metadata.name%3Dzz").json()["items"] == Json::array());
  CHECK(hub.get(kMaps + "?fieldSelector=data.a%3D1").code == 400);
  CHECK(hub.get(kMaps + "?labelSelector=a%3D%3D%3Db").code == 400);
}

TEST_CASE("revisions of lists: any, not older, exact") {
  FiveMaps hub;
  auto before = revision_of(hub.get(kMaps).json());
  CHECK(hub.remove(kMaps + "/a").code == 200);
  Names four{"b", "c", "d", "e"};
  CHECK(names_of(hub.get(kMaps + "?resourceVersion=0&limit=1").json()) == four);  // limit is ignored
  CHECK(names_of(hub.get(kMaps + "?resourceVersion=" + before).json()) == four);  // not older than
  auto exact = hub.get(kMaps + "?resourceVersionMatch=Exact&resourceVersion=" + before).json();
  CHECK(names_of(exact) == Names{"a", "b", "c", "d", "e"});
  CHECK(revision_of(exact) == before);
  auto page = hub.get(kMaps + "?limit=2&resourceVersion=" + before).json();  // with a limit: exact
  CHECK(names_of(page) == Names{"a", "b"});
  auto newer = hub.get(kMaps + "?limit=2&resourceVersionMatch=NotOlderThan&resourceVersion=" + before).json();
  CHECK(names_of(newer) == Names{"b", "c"});
}

TEST_CASE("revisions that are to come, or nonsense") {
  FiveMaps hub;
  auto future = hub.get(kMaps + "?resourceVersion=999999");
  CHECK(future.code == 504);
  CHECK(future.json()["reason"] == "Timeout");
  CHECK(future.json()["message"].get<std::string>().starts_with(
      "Timeout: Too large resource version: 999999, current: "));
  CHECK(future.json()["details"]["causes"][0]["reason"] == "ResourceVersionTooLarge");
  CHECK(hub.get(kMaps + "/a?resourceVersion=999999").code == 504);
  auto bad = hub.get(kMaps + "?resourceVersion=x");
  CHECK(bad.code == 400);
  CHECK(bad.json()["message"] ==
        "invalid resource version: resourceVersion: Invalid value: \"x\": strconv.ParseUint: parsing \"x\": invalid "
        "syntax");
  CHECK(hub.get(kMaps + "?resourceVersionMatch=Exact").code == 422);
  CHECK(hub.get(kMaps + "?resourceVersionMatch=Exact&resourceVersion=0").code == 422);
  CHECK(hub.get(kMaps + "?resourceVersionMatch=Some&resourceVersion=1").code == 422);
  CHECK(hub.get(kMaps + "?sendInitialEvents=true").code == 422);
  CHECK(hub.get(kMaps + "?continue=nonsense").code == 400);
  auto token = hub.get(kMaps + "?limit=1").json()["metadata"]["continue"].get<std::string>();
  CHECK(hub.get(kMaps + "?resourceVersion=3&continue=" + token).code == 400);
}

TEST_CASE("a compacted continue token is 410 with a way on") {
  HubOptions options = HubFixture::default_options();
  options.compaction_interval = std::chrono::seconds(10);
  HubFixture hub(1, options);
  for (const char* name : {"a", "b", "c"}) hub.post(kMaps, HubFixture::config_map(name));
  auto page = hub.get(kMaps + "?limit=1").json();
  hub.run_for(std::chrono::seconds(11));
  hub.post(kMaps, HubFixture::config_map("d"));
  hub.run_for(std::chrono::seconds(21));
  auto gone = hub.get(kMaps + "?limit=1&continue=" + page["metadata"]["continue"].get<std::string>());
  CHECK(gone.code == 410);
  auto status = gone.json();
  CHECK(status["reason"] == "Expired");
  CHECK(status["message"].get<std::string>().starts_with(
      "The provided continue parameter is too old to display a consistent list"));
  auto rest = hub.get(kMaps + "?continue=" + status["metadata"]["continue"].get<std::string>());
  CHECK(rest.code == 200);
  CHECK(names_of(rest.json()) == Names{"b", "c", "d"});
  auto old = hub.get(kMaps + "?resourceVersionMatch=Exact&resourceVersion=" + revision_of(page));
  CHECK(old.code == 410);
  CHECK(old.json()["message"] == "The resourceVersion for the provided list is too old.");
}

TEST_CASE("lists over all namespaces come in the order of namespace, then name") {
  HubFixture hub;
  for (const char* where : {"kube-system", "default"}) {
    for (const char* name : {"b", "a"}) {
      hub.post("/api/v1/namespaces/" + std::string(where) + "/configmaps", HubFixture::config_map(name));
    }
  }
  CHECK(names_of(hub.get("/api/v1/configmaps").json()) == Names{"a", "b", "a", "b"});
  auto one = hub.get("/api/v1/configmaps?fieldSelector=metadata.namespace%3Dkube-system").json();
  CHECK(one["items"].size() == 2);
}

TEST_CASE("tables and metadata alone") {
  FiveMaps hub;
  HeaderList table;
  table.emplace_back("Accept",
                     "application/json;as=Table;v=v1;g=meta.k8s.io,application/"
                     "json;as=Table;v=v1beta1;g=meta.k8s.io,application/json");
  auto list = hub.get(kMaps + "?limit=2", table).json();
  CHECK(list["kind"] == "Table");
  CHECK(list["apiVersion"] == "meta.k8s.io/v1");
  CHECK(list["columnDefinitions"][0]["name"] == "Name");
  REQUIRE(list["rows"].size() == 2);
  CHECK(list["rows"][0]["cells"][0] == "a");
  CHECK(list["rows"][0]["object"]["kind"] == "PartialObjectMetadata");
  CHECK(list["metadata"]["remainingItemCount"] == 3);
  auto whole = hub.get(kMaps + "?includeObject=Object", table).json();
  CHECK(whole["rows"][0]["object"]["data"]["a"] == "1");
  CHECK(hub.get(kMaps + "?includeObject=Some", table).code == 400);
  auto one = hub.get(kMaps + "/a", table).json();
  CHECK(one["kind"] == "Table");
  CHECK(one["rows"].size() == 1);
  HeaderList partial;
  partial.emplace_back("Accept", "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json");
  auto metadata = hub.get(kMaps, partial).json();
  CHECK(metadata["kind"] == "PartialObjectMetadataList");
  CHECK(metadata["items"][0]["metadata"]["name"] == "a");
  CHECK_FALSE(metadata["items"][0].contains("data"));
}

}  // namespace
}  // namespace kubeloop::apiserver
