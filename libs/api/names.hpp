// The rules for names, label keys and label values. Each function returns the messages that Kubernetes gives for a bad
// text, in its order and wording; none when the text is good. Pure; no field path is added here. Source: apimachinery
// util/validation.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace kubeloop::api {

using Messages = std::vector<std::string>;

// Lower-case dotted name of at most 253 bytes: the names of most objects.
Messages check_dns1123_subdomain(std::string_view text);
// Lower-case name of at most 63 bytes without dots: namespaces, containers.
Messages check_dns1123_label(std::string_view text);
// As above, and begins with a letter: services.
Messages check_dns1035_label(std::string_view text);
// A key of labels, annotations, taints: an optional "subdomain/" and a name part of at most 63 bytes.
Messages check_qualified_name(std::string_view text);
// An annotation's key: as a qualified name, but upper case is allowed in the prefix too.
Messages check_annotation_key(std::string_view text);
// Empty, or at most 63 bytes of letters, digits, '-', '_', '.' that begin and end with a letter or digit.
Messages check_label_value(std::string_view text);
// What every object name must be to stand in a URL path; the only rule for RBAC objects. A prefix (generateName) may be
// "." or "..".
Messages check_path_segment(std::string_view text, bool is_prefix = false);
// IANA service name: container and service port names, at most 15 bytes.
Messages check_port_name(std::string_view text);
// A generateName is checked as the name it will become part of: a dash at its end is no error.
std::string mask_trailing_dash(std::string_view prefix);

}  // namespace kubeloop::api
