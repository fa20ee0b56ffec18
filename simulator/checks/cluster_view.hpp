// The objects of a cluster at one revision, parsed, of the kinds that checks name. Plain data: filled by reads
// (read_view.hpp) or by watches (cluster_watch.hpp), looked at by the checks. Keys are "namespace/name", or "name" for
// cluster-scoped kinds; kinds are named by their plural, as the flow log names them.
#pragma once
#include <nlohmann/json.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "libs/api/selectors/label_selector.hpp"
#include "libs/base/time.hpp"

namespace kubeloop::simulator {

class ClusterView {
 public:
  using Objects = std::map<std::string, nlohmann::json>;

  // All of a kind; empty when there are none.
  const Objects& of(std::string_view plural) const;
  // Null when there is none.
  const nlohmann::json* find(std::string_view plural, const std::string& key) const;
  // Those of a namespace ("*": of all) that the selector matches, in order of their keys.
  void for_each(std::string_view plural, const std::string& namespace_, const api::LabelSelector& selector,
                const std::function<void(const std::string& key, const nlohmann::json& object)>& visit) const;

  void put(std::string_view plural, nlohmann::json object);
  // Takes it out; nothing when there is none.
  std::optional<nlohmann::json> take(std::string_view plural, const std::string& key);

  std::uint64_t revision = 0;  // of the last change
  WallTime time{};             // when it was written, as far as known

 private:
  std::map<std::string, Objects, std::less<>> kinds_;
};

// One change, in the order of revisions. The objects live as long as the call that tells of it.
struct ViewChange {
  std::string_view plural;
  std::string key;
  const nlohmann::json* before = nullptr;  // null: it was created
  const nlohmann::json* after = nullptr;   // null: it is gone
  std::uint64_t revision = 0;
  WallTime time{};

  const nlohmann::json& object() const { return after ? *after : *before; }
};

// "namespace/name" or "name".
std::string key_of(const nlohmann::json& object);
std::string namespace_of(const nlohmann::json& object);
// Whether the object is in that namespace ("*": any; cluster-scoped objects always are) and has such labels.
bool is_selected(const nlohmann::json& object, const std::string& namespace_, const api::LabelSelector& selector);
// A selector that was checked when it was parsed.
api::LabelSelector selector_of(const std::string& text);

// The member of an object's member, or null where one of them is not there: at(pod, {"status", "phase"}).
const nlohmann::json* at(const nlohmann::json& object, std::initializer_list<std::string_view> path);
// Its text, "" when it is no text or not there.
std::string text_at(const nlohmann::json& object, std::initializer_list<std::string_view> path);

}  // namespace kubeloop::simulator
