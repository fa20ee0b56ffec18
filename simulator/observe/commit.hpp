// One commit as the checkers see it: the change, what it replaces, and the parts of their JSON that a rule asks for,
// cut out without being parsed. Lives for the time of one call.
#pragma once
#include <fmt/core.h>

#include <string>
#include <string_view>

#include "apiserver/registry/object_header.hpp"
#include "apiserver/storage/store.hpp"
#include "libs/base/time.hpp"
#include "libs/client/json_slices.hpp"

namespace kubeloop::simulator {

// "pods/default/web", "leases.coordination.k8s.io/kube-system/scheduler"
inline std::string object_name(const apiserver::Header& header) {
  std::string out = header.resource;
  if (!header.namespace_.empty()) out += "/" + header.namespace_;
  return out + "/" + header.name;
}

// The value of a member that is a string, without its quotes; names, uids and numbers have nothing escaped.
inline std::string_view unquoted(std::string_view text) {
  bool is_quoted = text.size() >= 2 && text.front() == '"' && text.back() == '"';
  return is_quoted ? text.substr(1, text.size() - 2) : text;
}

struct Commit {
  const apiserver::Change& change;
  const apiserver::Change* before;  // the put that the key stood at; null: it was absent
  Instant at;

  bool is_delete() const { return change.kind == apiserver::Change::Kind::kDelete; }
  const apiserver::Header& header() const { return *change.header; }
  bool is_of(std::string_view resource) const { return header().resource == resource; }
  std::string name() const { return object_name(header()); }

  // The text of an outer member ("metadata", "spec"), now and before; "" when there is none.
  std::string_view part(std::string_view member) const { return part_of(change, member); }
  std::string_view part_before(std::string_view member) const { return before ? part_of(*before, member) : ""; }
  // A selectable field, now and before, from the headers.
  std::string field(std::string_view path) const { return apiserver::header_field(header(), path); }
  std::string field_before(std::string_view path) const {
    return before ? apiserver::header_field(*before->header, path) : "";
  }

 private:
  static std::string_view part_of(const apiserver::Change& change, std::string_view member) {
    return change.value ? client::find_member(*change.value, member) : std::string_view();
  }

 public:
  Commit(const apiserver::Change& c, const apiserver::Change* b, Instant t) : change(c), before(b), at(t) {}
};

}  // namespace kubeloop::simulator
