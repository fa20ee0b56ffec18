// Chooses the form of an answer from the Accept header: JSON or YAML, whole objects, a Table, or metadata alone.
// Parameters are read as a set, q-values are honoured, unknown types are skipped; nothing fits only when no clause
// does. Pure.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/http/message.hpp"
#include "libs/http/url.hpp"

namespace kubeloop::apiserver {

struct MediaClause {
  std::string type;                           // lower case
  std::map<std::string, std::string> params;  // without q
  int q_thousandths = 1000;
};

// The clauses of an Accept header, best first (a stable order by q); those with q=0 are left out. Empty: one clause
// */*.
std::vector<MediaClause> parse_accept(std::string_view header);

enum class Format { kJson, kYaml };
enum class Transform { kNone, kTable, kPartialObjectMetadata };

struct OutputFormat {
  Format format = Format::kJson;
  Transform transform = Transform::kNone;
  std::string transform_version = "v1";  // of meta.k8s.io: v1 or v1beta1
  bool is_pretty = false;

  std::string content_type() const;
};

// Nothing: 406. `is_watch` leaves YAML out.
std::optional<OutputFormat> negotiate(const http::Request& request, const http::Url& url, bool is_watch);

// Indented output is asked for by ?pretty, or assumed for programs that a person looks at.
bool wants_pretty(const http::Request& request, const http::Url& url);

}  // namespace kubeloop::apiserver
