// Matching nodes against node selector terms: the one rule behind nodeSelector, required and preferred node affinity
// (source: component-helpers scheduling/corev1/nodeaffinity). Pure.
#pragma once
#include "libs/api/views/node.hpp"
#include "libs/api/views/pod.hpp"

namespace kubeloop::scheduler {

// All expressions and all fields of the term match. An empty term and one that cannot be understood match nothing.
bool does_term_match(const api::NodeSelectorTerm& term, const api::Node& node);

// Any term matches; false when there are none.
bool does_any_term_match(const std::vector<api::NodeSelectorTerm>& terms, const api::Node& node);

// spec.nodeSelector and the required node affinity, both.
bool does_node_suit(const api::Pod& pod, const api::Node& node);

// The required terms, or null when the pod has no required node affinity.
const std::vector<api::NodeSelectorTerm>* required_terms(const api::Pod& pod);

}  // namespace kubeloop::scheduler
