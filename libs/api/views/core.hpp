// Typed views of the small core kinds: Namespace, ServiceAccount, ConfigMap, Event.
#pragma once
#include "libs/api/views/meta.hpp"

namespace kubeloop::api {

struct NamespaceSpec {
  std::vector<std::string> finalizers;
};
BOOST_DESCRIBE_STRUCT(NamespaceSpec, (), (finalizers))
struct NamespaceStatus {
  std::string phase;
  std::vector<Condition> conditions;
};
BOOST_DESCRIBE_STRUCT(NamespaceStatus, (), (phase, conditions))
struct Namespace {
  ObjectMeta metadata;
  NamespaceSpec spec;
  NamespaceStatus status;
};
BOOST_DESCRIBE_STRUCT(Namespace, (), (metadata, spec, status))

struct ServiceAccount {
  ObjectMeta metadata;
  std::optional<bool> automountServiceAccountToken;
};
BOOST_DESCRIBE_STRUCT(ServiceAccount, (), (metadata, automountServiceAccountToken))

struct ConfigMap {
  ObjectMeta metadata;
  StringMap data;
};
BOOST_DESCRIBE_STRUCT(ConfigMap, (), (metadata, data))

struct ObjectReference {
  std::string kind, namespace_, name, uid, apiVersion, resourceVersion, fieldPath;
};
BOOST_DESCRIBE_STRUCT(ObjectReference, (), (kind, namespace_, name, uid, apiVersion, resourceVersion, fieldPath))
struct Event {
  ObjectMeta metadata;
  ObjectReference involvedObject;
  std::string type, reason, message, firstTimestamp, lastTimestamp, eventTime, reportingComponent;
  std::int64_t count = 0;
};
BOOST_DESCRIBE_STRUCT(Event, (),
                      (metadata, involvedObject, type, reason, message, firstTimestamp, lastTimestamp, eventTime,
                       reportingComponent, count))

}  // namespace kubeloop::api
