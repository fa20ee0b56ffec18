// Verbs of the Kubernetes API over a Transport, for one component. Bodies are JSON text; typed views are read by the
// caller. Every request says who sends it (Kubeloop-Actor) and which revision made it do so (Kubeloop-Cause).
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/api/resource.hpp"
#include "libs/api/status.hpp"
#include "libs/base/env.hpp"
#include "libs/base/result.hpp"
#include "libs/http/transport.hpp"

namespace kubeloop::client {

// Why a request is sent: the highest revision of the objects that led to it; 0 means a timer did.
struct Cause {
  std::uint64_t revision = 0;

  constexpr Cause() = default;
  constexpr Cause(std::uint64_t r) : revision(r) {}
  // Both causes folded into one: the later revision.
  void fold(Cause other) { revision = revision > other.revision ? revision : other.revision; }
};

enum class PatchType { kJson, kMerge, kStrategicMerge };

struct ListOptions {
  std::string namespace_;  // "" = all
  std::string field_selector;
  std::string label_selector;
  std::string resource_version;
  int limit = 0;
  std::string continue_token;
  int timeout_seconds = 0;     // of a watch; 0 = the server's own
  bool metadata_only = false;  // objects come as PartialObjectMetadata

  ListOptions() = default;
};

struct WatchEvent {
  enum class Type { kAdded, kModified, kDeleted, kBookmark, kError };
  Type type = Type::kAdded;
  std::string object;  // JSON text
};

// An open watch. Destroying it ends it.
class Watch {
 public:
  explicit Watch(std::unique_ptr<http::BodyReader> body);
  // The next event; a Status when the stream broke or carried ERROR (410: list again); nothing at a clean end.
  awaitable<Result<std::optional<WatchEvent>>> next();

 private:
  std::optional<std::string_view> take_line();

  std::unique_ptr<http::BodyReader> body_;
  std::string buffer_;
  std::size_t read_ = 0;     // what stands before has been given out
  std::size_t scanned_ = 0;  // no newline before
};

struct ClientIdentity {
  std::string actor;             // "scheduler", "kubelet-sim/node-1": its first part is the User-Agent's program
  std::string impersonate_user;  // "" = none
  std::vector<std::string> impersonate_groups;
};

class ApiClient {
 public:
  // `transport` outlives the client.
  ApiClient(http::Transport& transport, ClientIdentity identity);
  // The same transport under another name: "controller-manager" -> "controller-manager/node-lifecycle".
  ApiClient as(ClientIdentity identity) const;
  const ClientIdentity& identity() const { return identity_; }

  awaitable<Result<std::string>> get(api::Resource resource, std::string namespace_, std::string name, Cause cause);
  awaitable<Result<std::string>> list(api::Resource resource, ListOptions options);
  // `name` and `subresource` as in pods/NAME/binding; empty for a plain create.
  awaitable<Result<std::string>> create(api::Resource resource, std::string namespace_, std::string body, Cause cause,
                                        std::string name = "", std::string subresource = "");
  awaitable<Result<std::string>> update(api::Resource resource, std::string namespace_, std::string name,
                                        std::string body, Cause cause, std::string subresource = "");
  awaitable<Result<std::string>> patch(api::Resource resource, std::string namespace_, std::string name, PatchType type,
                                       std::string body, Cause cause, std::string subresource = "");
  // `options` is a DeleteOptions document, or "".
  awaitable<Result<std::string>> remove(api::Resource resource, std::string namespace_, std::string name,
                                        std::string options, Cause cause);
  // Asks for bookmarks always.
  awaitable<Result<Watch>> watch(api::Resource resource, ListOptions options);
  // Any other request; a non-2xx answer is returned as its Status. An empty `accept` means plain JSON.
  awaitable<Result<std::string>> raw(std::string method, std::string target, std::string content_type, std::string body,
                                     Cause cause, std::string accept = "");

 private:
  http::Request make_request(std::string method, std::string target, Cause cause) const;

  http::Transport* transport_;
  ClientIdentity identity_;
  std::string user_agent_;
};

}  // namespace kubeloop::client
