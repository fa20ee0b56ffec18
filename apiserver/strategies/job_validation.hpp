// What makes a Job invalid, with Kubernetes' field paths and messages: its spec, an update of it, and its status. Pure.
// Source: k8s.io/kubernetes/pkg/apis/batch/validation.
#pragma once
#include <string>

#include "apiserver/strategies/strategy.hpp"

namespace kubeloop::apiserver {

void validate_job(const Json& job, FieldErrors& errors);
// Most of the spec never changes; the template's scheduling rules may while the job has not started.
void validate_job_update(const Json& job, const Json& old, FieldErrors& errors);
// Counters only rise, and what has ended stays so. A rule is applied only where the fields that it is about have
// changed.
void validate_job_status_update(const Json& job, const Json& old, FieldErrors& errors);

// The parts, each in a file of its own.
void validate_job_indexes(const Json& spec, FieldErrors& errors);
void validate_pod_failure_policy(const Json& spec, FieldErrors& errors);
void validate_success_policy(const Json& spec, FieldErrors& errors);
void validate_job_conditions(const Json& job, const Json& old, FieldErrors& errors);
void validate_status_indexes(const Json& job, const Json& old, FieldErrors& errors);

bool is_indexed_job(const Json& spec);

}  // namespace kubeloop::apiserver
