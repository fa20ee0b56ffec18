// What the server owns of metadata: filling it in on creation, keeping it on update, and the checks that all kinds
// share. Pure. Source: registry/rest (BeforeCreate, BeforeUpdate) and api/validation (ValidateObjectMeta) of
// Kubernetes.
#pragma once
#include <string>

#include "apiserver/strategies/strategy.hpp"
#include "libs/api/schema/schema.hpp"
#include "libs/base/rng.hpp"
#include "libs/base/time.hpp"

namespace kubeloop::apiserver {

// Takes away what clients may not set on creation.
void wipe_system_fields(Json& object);
// uid, creationTimestamp, generation.
void fill_system_fields(Json& object, const Strategy& strategy, WallTime now, Rng& uids);
// `base` cut to 58 characters and five from an alphabet without vowels and digits that look like letters.
std::string generate_name(const std::string& base, Rng& names);

// Takes over from `old` what an update does not set: uid, creationTimestamp, deletion fields, generation.
void keep_system_fields(Json& object, const Json& old);
// Raises the generation when the spec has changed, of some kinds when annotations have.
void bump_generation(Json& object, const Json& old, const Strategy& strategy);

void validate_metadata(const Json& object, const api::KindInfo& kind, const Strategy& strategy, FieldErrors& errors);
void validate_metadata_update(const Json& object, const Json& old, FieldErrors& errors);

// "" when there is none.
std::string deletion_timestamp(const Json& object);

}  // namespace kubeloop::apiserver
