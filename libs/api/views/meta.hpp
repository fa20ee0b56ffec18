// Typed views: the fields of an object that our components read, as plain structs. Unknown and missing fields are
// tolerated. A view is never written back: components POST, PATCH what they own, or use a subresource. Times stay as
// written (libs/api/time.hpp reads them).
#pragma once
#include <boost/describe.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace kubeloop::api {

using StringMap = std::map<std::string, std::string>;

struct OwnerReference {
  std::string apiVersion, kind, name, uid;
  bool controller = false;
  bool blockOwnerDeletion = false;
};
BOOST_DESCRIBE_STRUCT(OwnerReference, (), (apiVersion, kind, name, uid, controller, blockOwnerDeletion))

struct ObjectMeta {
  std::string name, generateName, uid, resourceVersion, creationTimestamp, deletionTimestamp;
  std::string namespace_;
  std::int64_t generation = 0;
  std::optional<std::int64_t> deletionGracePeriodSeconds;
  StringMap labels, annotations;
  std::vector<std::string> finalizers;
  std::vector<OwnerReference> ownerReferences;

  // The revision as a number; 0 when there is none.
  std::uint64_t revision() const;
};
BOOST_DESCRIBE_STRUCT(ObjectMeta, (),
                      (name, generateName, uid, resourceVersion, creationTimestamp, deletionTimestamp, namespace_,
                       generation, deletionGracePeriodSeconds, labels, annotations, finalizers, ownerReferences))

struct Condition {
  std::string type, status, reason, message, lastTransitionTime, lastProbeTime, lastHeartbeatTime, lastUpdateTime;
  std::int64_t observedGeneration = 0;
};
BOOST_DESCRIBE_STRUCT(Condition, (),
                      (type, status, reason, message, lastTransitionTime, lastProbeTime, lastHeartbeatTime,
                       lastUpdateTime, observedGeneration))

// The condition of that type, or null.
const Condition* find_condition(const std::vector<Condition>& conditions, std::string_view type);

// The reference that has `controller` set, or null: an object has at most one.
const OwnerReference* controller_of(const ObjectMeta& metadata);

// Any object: for those who look at metadata only.
struct AnyObject {
  std::string apiVersion, kind;
  ObjectMeta metadata;
};
BOOST_DESCRIBE_STRUCT(AnyObject, (), (apiVersion, kind, metadata))

}  // namespace kubeloop::api
