// Just enough of a hub for the scheduler's tests: nodes and pods with list and watch, binding, pod status, events and
// notes. Everything that comes in is kept; bindings can be made to fail.
#pragma once
#include <deque>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "libs/base/signal.hpp"
#include "libs/http/transport.hpp"

namespace kubeloop::scheduler {

class FakeHub {
 public:
  using json = nlohmann::json;

  struct Bind {
    std::string pod, node, cause;
    Instant at;
    int code;
  };
  std::vector<Bind> binds;
  std::vector<json> events, event_patches, notes;
  std::vector<std::pair<std::string, json>> status_patches;
  std::deque<int> bind_failures;  // codes of the next answers to bindings; nothing is stored then
  std::deque<int> status_failures;
  bool is_bind_answer_lost = false;  // the next binding is accepted, its answer never comes

  bool is_bind_held = false;  // bindings arrive, but are neither taken nor answered until let_go()
  bool is_note_held = false;  // so do notes
  std::size_t held = 0;

  bool is_watch_stopped_by_bind = false;  // the next binding stops the watches

  explicit FakeHub(const Clock& clock) : clock_(clock) {}

  void put(const std::string& plural, json object) {
    auto& meta = object["metadata"];
    auto& place = objects_[plural][key_of(object)];
    meta["resourceVersion"] = std::to_string(++revision_);
    log(plural, place.is_null() ? "ADDED" : "MODIFIED", object);
    place = std::move(object);
  }
  void remove(const std::string& plural, const std::string& key) {
    auto node = objects_[plural].extract(key);
    if (node.empty()) return;
    node.mapped()["metadata"]["resourceVersion"] = std::to_string(++revision_);
    log(plural, "DELETED", node.mapped());
  }
  const json& get(const std::string& plural, const std::string& key) { return objects_[plural].at(key); }
  const std::map<std::string, json>& all(const std::string& plural) { return objects_[plural]; }
  std::uint64_t revision() const { return revision_; }
  void let_go() {
    is_bind_held = is_note_held = false;
    released_.notify();
  }
  void resume_watches() {
    is_watch_stopped_ = false;
    wake_watchers();
  }

  http::Handler handler() {
    return [this](http::Request request) { return handle(std::move(request)); };
  }

  awaitable<http::Response> handle(http::Request request) {
    auto path = request.target.substr(0, request.target.find('?'));
    auto parts = split(path);
    if (request.method == "GET") {
      bool is_watch = request.target.find("watch=true") != std::string::npos;
      if (is_watch) co_return watch(parts.back(), request.target);
      co_return list(parts.back());
    }
    bool is_binding = path.ends_with("/binding");
    if ((is_binding && is_bind_held) || (path == "/kubeloop/v1/flow" && is_note_held)) {
      ++held;
      co_await released_.wait();
      --held;
    }
    if (path == "/kubeloop/v1/flow") {
      notes.push_back(json::parse(request.body));
      co_return answer(200, json::object());
    }
    if (path.find("/events") != std::string::npos) co_return take_event(request);
    const std::string key = parts.at(3) + "/" + parts.at(5);
    if (parts.back() == "status") co_return take_status(key, request);
    if (parts.back() != "binding") co_return failed(404, "NotFound", "no such path");
    auto response = take_binding(key, request);
    if (!is_bind_answer_lost) co_return response;
    is_bind_answer_lost = false;
    co_await never_.wait();
    co_return response;
  }

 private:
  struct Change {
    std::uint64_t revision;
    std::string plural, line;
  };

  class WatchBody final : public http::BodyReader {
   public:
    WatchBody(FakeHub& hub, std::string plural, std::uint64_t from)
        : hub_(hub), plural_(std::move(plural)), from_(from) {
      hub_.watchers_.push_back(wake_);
    }
    awaitable<Result<std::string>> next() override {
      auto wake = wake_;
      while (true) {
        std::string lines;
        for (const auto& change : hub_.changes_) {
          if (hub_.is_watch_stopped_) break;
          if (change.revision <= from_ || change.plural != plural_) continue;
          lines += change.line + "\n";
          from_ = change.revision;
        }
        if (!lines.empty()) co_return lines;
        co_await wake->wait();
      }
    }

   private:
    FakeHub& hub_;
    std::string plural_;
    std::uint64_t from_;
    std::shared_ptr<Signal> wake_ = std::make_shared<Signal>();
  };

  static std::string key_of(const json& object) {
    const auto& meta = object["metadata"];
    std::string name = meta["name"];
    return meta.contains("namespace") ? meta["namespace"].get<std::string>() + "/" + name : name;
  }
  static std::vector<std::string> split(const std::string& path) {
    std::vector<std::string> parts;
    std::size_t begin = 1;
    while (begin <= path.size()) {
      auto end = std::min(path.find('/', begin), path.size());
      parts.push_back(path.substr(begin, end - begin));
      begin = end + 1;
    }
    return parts;
  }
  static http::Response answer(int code, const json& body) {
    return http::Response(code, "application/json", body.dump());
  }
  static http::Response failed(int code, const std::string& reason, const std::string& message) {
    json status = json::parse(R"({"kind": "Status", "apiVersion": "v1", "status": "Failure"})");
    status["code"] = code;
    status["reason"] = reason;
    status["message"] = message;
    return answer(code, status);
  }

  void log(const std::string& plural, const std::string& type, const json& object) {
    json event = json::object();
    event["type"] = type;
    event["object"] = object;
    changes_.push_back(Change{revision_, plural, event.dump()});
    wake_watchers();
  }

  void wake_watchers() {
    for (const auto& watcher : watchers_) {
      if (auto wake = watcher.lock()) wake->notify();
    }
  }

  http::Response list(const std::string& plural) {
    json list = json::parse(R"({"kind": "List", "apiVersion": "v1", "items": []})");
    list["metadata"]["resourceVersion"] = std::to_string(revision_);
    for (const auto& [key, object] : objects_[plural]) list["items"].push_back(object);
    return answer(200, list);
  }

  http::Response watch(const std::string& plural, const std::string& target) {
    auto at = target.find("resourceVersion=");
    std::uint64_t from = at == std::string::npos ? 0 : std::stoull(target.substr(at + 16));
    http::Response response(200, "application/json", "");
    response.body = std::make_unique<WatchBody>(*this, plural, from);
    return response;
  }

  http::Response take_event(const http::Request& request) {
    (request.method == "POST" ? events : event_patches).push_back(json::parse(request.body));
    return answer(201, json::parse(request.body));
  }

  http::Response take_binding(const std::string& key, const http::Request& request) {
    auto body = json::parse(request.body);
    is_watch_stopped_ = std::exchange(is_watch_stopped_by_bind, false) || is_watch_stopped_;
    Bind bind{key, body["target"]["name"], std::string(request.headers.get("Kubeloop-Cause")), clock_.now(), 201};
    auto response = bind_pod(key, body, bind);
    binds.push_back(bind);
    return response;
  }

  // Refused when it is told to be, when the pod is another one, and when it has a node already.
  http::Response bind_pod(const std::string& key, const json& body, Bind& bind) {
    auto refuse = [&](int code, const std::string& reason, const std::string& message) {
      bind.code = code;
      return failed(code, reason, message);
    };
    if (!bind_failures.empty()) {
      int code = bind_failures.front();
      bind_failures.pop_front();
      return refuse(code, "Conflict", "Operation cannot be fulfilled on pods/binding: told to fail");
    }
    auto it = objects_["pods"].find(key);
    if (it == objects_["pods"].end()) return refuse(404, "NotFound", "pods not found");
    json pod = it->second;
    bool is_other = body["metadata"]["uid"] != pod["metadata"]["uid"];
    if (is_other || pod["spec"].contains("nodeName")) return refuse(409, "Conflict", "pod is already assigned");
    pod["spec"]["nodeName"] = body["target"]["name"];
    pod["status"]["conditions"] = json::parse(R"([{"type": "PodScheduled", "status": "True"}])");
    put("pods", pod);
    return answer(201, json::parse(R"({"kind": "Status", "status": "Success"})"));
  }

  http::Response take_status(const std::string& key, const http::Request& request) {
    auto body = json::parse(request.body);
    if (!status_failures.empty()) {
      int code = status_failures.front();
      status_failures.pop_front();
      return failed(code, "InternalError", "told to fail");
    }
    status_patches.emplace_back(key, body);
    auto it = objects_["pods"].find(key);
    if (it == objects_["pods"].end()) return failed(404, "NotFound", "pods not found");
    json pod = it->second;
    pod["status"].merge_patch(body["status"]);
    put("pods", pod);
    return answer(200, pod);
  }

  const Clock& clock_;
  std::uint64_t revision_ = 100;
  std::map<std::string, std::map<std::string, json>> objects_;
  std::vector<Change> changes_;
  std::vector<std::weak_ptr<Signal>> watchers_;
  bool is_watch_stopped_ = false;
  Signal never_;
  Signal released_;
};

}  // namespace kubeloop::scheduler
