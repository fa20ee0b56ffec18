// Every state that the objects of a cluster had, by revision, for the story and the reports: all kinds but leases,
// which change all the time and tell nothing. The values of Secrets are hidden before they are kept. Fed by the lines
// of watches (ObjectRecorder), or in virtual time by what became durable, so that recording changes nothing that
// happens.
#pragma once
#include <nlohmann/json.hpp>

#include <cstdint>
#include <map>
#include <string>

#include "apiserver/storage/store.hpp"
#include "simulator/story/secret_mask.hpp"

namespace kubeloop::simulator {

struct RecordedChange {
  std::string type;            // ADDED, MODIFIED, DELETED
  std::string key;             // "pods/default/web": as the flow log names objects
  std::string object;          // JSON text
  std::uint64_t previous = 0;  // the revision of the state before, 0 when not known

  nlohmann::json parsed() const { return nlohmann::json::parse(object, nullptr, false); }
};

class ObjectRecord {
 public:
  // Beyond `limit` bytes nothing more is kept, and is_full() says so.
  explicit ObjectRecord(std::size_t limit = 256u << 20) : limit_(limit) {}

  const std::map<std::uint64_t, RecordedChange>& changes() const { return changes_; }
  // The change that made this revision, or null.
  const RecordedChange* find(std::uint64_t revision) const;
  bool is_full() const { return bytes_ >= limit_; }

  // One line of a watch of `resource`; sets the resource version to go on from.
  void take_line(const std::string& resource, std::string_view line, std::string& resource_version);
  // A row that became durable.
  void take_change(const apiserver::Change& change);

 private:
  void record(std::string type, std::string key, std::uint64_t revision, std::string object);

  std::size_t limit_;
  std::size_t bytes_ = 0;
  std::map<std::uint64_t, RecordedChange> changes_;
  std::map<std::string, std::uint64_t> latest_;  // key -> revision
  SecretMask secrets_;
};

}  // namespace kubeloop::simulator
