// Kubernetes' protobuf request bodies: typed Go clients (kubectl from 1.32 on) send them. Decodes the envelope and
// transcodes the message by the field numbers of the schema table. Pure; hostile bytes give a Status (400), memory and
// recursion are bounded.
#pragma once
#include <string_view>

#include "libs/api/codec/json.hpp"
#include "libs/api/schema/schema.hpp"
#include "libs/base/result.hpp"

namespace kubeloop::api {

// The media type of such bodies.
inline constexpr std::string_view kProtobufMediaType = "application/vnd.kubernetes.protobuf";

// Decodes a body ("k8s\0" and the message Unknown) into an object of `kind`, with apiVersion and kind set; checks and
// messages are those of decode_object. Unknown field numbers are skipped. Zeros of fields that Kubernetes does not hold
// by pointer are dropped where its JSON encoder would drop them. There are no warnings: protobuf has no names that
// could be unknown.
Result<Decoded> decode_protobuf(const Schema& schema, const KindInfo& kind, std::string_view body);

}  // namespace kubeloop::api
