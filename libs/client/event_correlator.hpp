// Decides what becomes of an event that a component wants to write: a new one, one more of an earlier one, one that
// stands for many similar ones, or nothing because the object is spammed. Pure: time comes in. Source: the recorder in
// client-go (tools/record/events_cache).
#pragma once
#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "libs/api/views/core.hpp"
#include "libs/base/time.hpp"

namespace kubeloop::client {

struct EventFacts {
  api::ObjectReference about;
  std::string type, reason, message;
};

struct EventVerdict {
  bool is_dropped = false;
  bool is_repeat = false;  // PATCH `name` instead of creating it
  std::string name;
  std::string message;
  std::int64_t count = 1;
  WallTime first;
};

class EventCorrelator {
 public:
  // `name` is the one to use when a new event is to be written.
  EventVerdict observe(const EventFacts& facts, WallTime now, const std::string& name);

 private:
  struct Written {
    std::string name;
    std::int64_t count = 0;
    WallTime first;
    std::uint64_t touched = 0;
  };
  struct Similar {
    std::set<std::string> messages;
    WallTime last;
    std::uint64_t touched = 0;
  };
  struct Bucket {
    double tokens = 0;
    WallTime last;
    std::uint64_t touched = 0;
  };

  bool is_spam(const std::string& object_key, WallTime now);
  // True when this one is to be folded into the event that stands for all similar ones.
  bool is_one_of_many(const std::string& group_key, const std::string& message, WallTime now);

  std::map<std::string, Written> written_;
  std::map<std::string, Similar> similar_;
  std::map<std::string, Bucket> buckets_;
  std::uint64_t clock_ = 0;  // counts observations: who was used last
};

}  // namespace kubeloop::client
