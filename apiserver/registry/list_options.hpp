// The query of a list, a watch or a deletecollection, parsed and checked, and whether an object matches its selectors:
// told from the header, without parsing the object. Pure. Source: ValidateListOptions in apimachinery's
// internalversion.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "apiserver/registry/endpoint.hpp"
#include "apiserver/request_context.hpp"
#include "apiserver/storage/store.hpp"
#include "libs/api/selectors/field_selector.hpp"
#include "libs/api/selectors/label_selector.hpp"
#include "libs/base/result.hpp"

namespace kubeloop::apiserver {

struct ListOptions {
  std::int64_t limit = 0;  // 0: all
  std::string continue_token;
  std::string resource_version;  // as written: "", "0" and a number mean different things
  Revision revision = 0;         // of resource_version
  std::string revision_match;    // "", Exact, NotOlderThan
  std::optional<bool> send_initial_events;
  bool allow_bookmarks = false;
  std::int64_t timeout_seconds = 0;  // of a watch
  api::LabelSelector labels;
  api::FieldSelector fields;
  bool is_converted = false;  // field names are those of events.k8s.io

  ListOptions() = default;
  bool selects_all() const { return labels.is_everything() && fields.is_everything(); }
  bool matches(const Header& header) const;
};

Result<ListOptions> read_list_options(const RequestContext& ctx, const Endpoint& endpoint);

// The number, or Kubernetes' message for what is none.
Result<Revision> parse_revision(std::string_view text);

}  // namespace kubeloop::apiserver
