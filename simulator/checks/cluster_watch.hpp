// Follows the kinds that checks name and shows their objects in every state they had, in the order of revisions across
// kinds (revision_merge.hpp says what is guaranteed). Lists, watches from there, goes on after a broken stream, lists
// again after 410; what happened in between is then not seen, and unseen() says so. A stranger to the hub: it is no
// actor of the story.
#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include "libs/api/resource.hpp"
#include "libs/base/env.hpp"
#include "libs/base/signal.hpp"
#include "libs/base/task_group.hpp"
#include "libs/client/api_client.hpp"
#include "libs/http/transport.hpp"
#include "simulator/checks/cluster_view.hpp"
#include "simulator/checks/revision_merge.hpp"
#include "simulator/story/flow_reader.hpp"

namespace kubeloop::simulator {

// Is told of everything, in order. Calls come from the watch's own coroutine.
class ViewListener {
 public:
  virtual ~ViewListener() = default;
  virtual void changed(const ClusterView& view, const ViewChange& change) = 0;
  // After one change, or after all changes that a new list brought at once: now the view is one that there was.
  virtual void look(const ClusterView& view) = 0;
  virtual void committed(const FlowEvent& event) {}
};

class ClusterWatch {
 public:
  // `transport` and `flow` outlive the watch. `tells_past`: begins with what the hub still knows of the past, change by
  // change, instead of with the objects as they are.
  ClusterWatch(const Env& env, http::Transport& transport, FlowReader& flow, bool tells_past = false);
  ~ClusterWatch();
  ClusterWatch(const ClusterWatch&) = delete;

  // Once; in `tasks`, which end before this does.
  void start(TaskGroup& tasks);
  // Returns when the view has these kinds; 504 when the hub did not answer for kPatience.
  awaitable<Result<void>> follow(std::vector<api::Resource> kinds);
  // Waits until the view has everything that is written now (at most kPatience: then it goes on with what there is).
  awaitable<void> catch_up();

  const ClusterView& view() const { return view_; }
  // `listener` is told of what is applied from now on; remove it before it goes.
  void add(ViewListener& listener) { listeners_.insert({next_listener_++, &listener}); }
  void remove(ViewListener& listener);
  // "" when every state was seen; else what was not.
  std::string unseen() const;

  static constexpr Duration kPatience = std::chrono::seconds(30);

 private:
  struct Stream {
    api::Resource resource;
    bool is_listed = false;
    bool is_shown = false;  // the view has it
    std::uint64_t revision = 0, shown_at = 0;

    explicit Stream(const api::Resource& r) : resource(r) {}
  };

  awaitable<void> apply_in_order();
  awaitable<void> run(Stream* stream);
  awaitable<bool> list(Stream* stream);
  awaitable<void> watch(Stream* stream);
  awaitable<Result<std::string>> get(std::string target);
  // Whether the stream goes on.
  bool take(Stream& stream, const client::WatchEvent& event);
  void apply(MergedEvent event);
  void apply_snapshot(const MergedEvent& event, Stream& stream);
  void tell(const std::string& plural, nlohmann::json object, bool is_deletion, std::uint64_t revision);
  void note(const FlowEvent& event);

  const Env& env_;
  http::Transport& transport_;
  FlowReader& flow_;
  bool tells_past_;
  TaskGroup* tasks_ = nullptr;
  ClusterView view_;
  RevisionMerge merge_;
  std::map<std::string, Stream> streams_;    // by plural; never erased
  std::map<std::uint64_t, WallTime> times_;  // of commits that are not applied yet
  std::map<std::uint64_t, ViewListener*> listeners_;
  std::uint64_t next_listener_ = 0;
  std::uint64_t last_seq_ = 0;
  std::string gaps_;
  Signal arrived_, applied_;
};

}  // namespace kubeloop::simulator
