#include "simulator/observe/acknowledged_writes.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "apiserver/request_info.hpp"
#include "libs/http/url.hpp"

namespace kubeloop::simulator {
namespace {

constexpr std::size_t kRecent = 10'000;

std::string request_text(const Answered& answer) {
  return fmt::format("{} {}", answer.method, answer.target);
}

}  // namespace

void AcknowledgedWrites::check(const Commit& commit) {
  auto revision = commit.change.revision;
  if (revision <= acknowledged_) {
    violate(fmt::format("revision {} was given to {}, but {} was answered with {} before", revision, commit.name(),
                        acknowledged_by_, acknowledged_),
            revision, commit.at);
  }
  head_ = std::max(head_, revision);
  recent_.push_back(Recent{revision, commit.change.header});
  if (recent_.size() > kRecent) recent_.pop_front();
}

void AcknowledgedWrites::answered(const Answered& answer, Instant at) {
  bool is_write = answer.method != "GET" && answer.code >= 200 && answer.code < 300;
  if (!is_write || !answer.target.starts_with("/api")) return;
  auto metadata = client::find_member(answer.body, "metadata");
  auto text = unquoted(client::find_member(metadata, "resourceVersion"));
  apiserver::Revision revision = 0;
  std::from_chars(text.data(), text.data() + text.size(), revision);
  if (revision == 0) {
    if (answer.method == "DELETE") check_deletion(answer, at);
    return;
  }
  check_object(answer, metadata, revision, at);
}

void AcknowledgedWrites::check_object(const Answered& answer, std::string_view metadata, apiserver::Revision revision,
                                      Instant at) {
  if (revision > head_) {
    violate(fmt::format("{} was answered {} with revision {}, but {} is the last that is durable", request_text(answer),
                        answer.code, revision, head_),
            revision, at);
  }
  if (revision > acknowledged_) {
    acknowledged_ = revision;
    acknowledged_by_ = request_text(answer);
  }
  // Renewals are most of what there is, and the log's order is enough for them.
  if (answer.target.find("/kube-node-lease/") != std::string_view::npos) return;
  auto uid = unquoted(client::find_member(metadata, "uid"));
  auto it = std::ranges::lower_bound(recent_, revision, {}, &Recent::revision);
  if (uid.empty() || it == recent_.end() || it->revision != revision || it->header->uid == uid) return;
  violate(fmt::format("{} was answered {} with revision {} and uid {}, but that revision is of {} with uid {}",
                      request_text(answer), answer.code, revision, uid, object_name(*it->header), it->header->uid),
          revision, at);
}

// A Status that says which object is gone.
void AcknowledgedWrites::check_deletion(const Answered& answer, Instant at) {
  auto uid = unquoted(client::find_member(client::find_member(answer.body, "details"), "uid"));
  if (uid.empty() || answer.target.find("dryRun") != std::string_view::npos) return;
  http::Request request("DELETE", std::string(answer.target));
  auto info = apiserver::read_request_info(request, http::parse_url(request.target));
  auto resource = info.group.empty() ? info.resource : info.resource + "." + info.group;
  auto* there = ledger().find(resource, info.namespace_, info.name);
  if (!there || there->header->uid != uid) return;
  violate(fmt::format("{} was answered as done, but {} with uid {} is still there at revision {}", request_text(answer),
                      object_name(*there->header), uid, there->revision),
          there->revision, at);
}

void AcknowledgedWrites::hub_restarted(apiserver::Revision current, Instant at) {
  if (acknowledged_ > current) {
    violate(fmt::format("{} was answered with revision {}, but the hub begins again at {}", acknowledged_by_,
                        acknowledged_, current),
            acknowledged_, at);
  } else if (head_ > current) {
    violate(fmt::format("revision {} was durable, but the hub begins again at {}", head_, current), head_, at);
  }
}

}  // namespace kubeloop::simulator
