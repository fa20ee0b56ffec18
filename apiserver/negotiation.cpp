#include "apiserver/negotiation.hpp"

#include <algorithm>
#include <cctype>

namespace kubeloop::apiserver {
namespace {

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> out;
  while (true) {
    auto at = text.find(separator);
    out.push_back(trim(text.substr(0, at)));
    if (at == std::string_view::npos) return out;
    text.remove_prefix(at + 1);
  }
}

// "0.9" -> 900; anything unreadable counts as 1.
int read_q(std::string_view text) {
  if (text.empty() || (text[0] != '0' && text[0] != '1')) return 1000;
  int value = (text[0] - '0') * 1000;
  if (text.size() < 2 || text[1] != '.') return value;
  int scale = 100;
  for (char c : text.substr(2)) {
    if (c < '0' || c > '9' || scale == 0) break;
    value += (c - '0') * scale;
    scale /= 10;
  }
  return std::min(value, 1000);
}

MediaClause read_clause(std::string_view text) {
  MediaClause clause;
  auto parts = split(text, ';');
  clause.type = lower(parts[0]);
  for (std::size_t i = 1; i < parts.size(); ++i) {
    auto equals = parts[i].find('=');
    auto name = lower(trim(parts[i].substr(0, equals)));
    std::string value(equals == std::string_view::npos ? "" : trim(parts[i].substr(equals + 1)));
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
    if (name == "q") {
      clause.q_thousandths = read_q(value);
    } else if (!name.empty()) {
      clause.params[name] = value;
    }
  }
  return clause;
}

std::optional<OutputFormat> fit(const MediaClause& clause, bool is_watch) {
  OutputFormat out;
  bool is_any = clause.type == "*/*" || clause.type == "application/*";
  if (clause.type == "application/yaml" || clause.type == "text/yaml") {
    if (is_watch) return std::nullopt;
    out.format = Format::kYaml;
  } else if (clause.type != "application/json" && !is_any) {
    return std::nullopt;
  }
  auto as = clause.params.find("as");
  if (as == clause.params.end()) return out;
  auto param = [&](const char* name) {
    auto it = clause.params.find(name);
    return it == clause.params.end() ? std::string() : it->second;
  };
  auto version = param("v");
  if (param("g") != "meta.k8s.io" || (version != "v1" && version != "v1beta1")) return std::nullopt;
  out.transform_version = version;
  if (as->second == "Table") {
    out.transform = Transform::kTable;
  } else if (as->second == "PartialObjectMetadata" || as->second == "PartialObjectMetadataList") {
    out.transform = Transform::kPartialObjectMetadata;
  } else {
    return std::nullopt;
  }
  return out;
}

}  // namespace

std::vector<MediaClause> parse_accept(std::string_view header) {
  std::vector<MediaClause> clauses;
  for (auto part : split(header, ',')) {
    if (part.empty()) continue;
    auto clause = read_clause(part);
    if (clause.q_thousandths == 0) continue;
    // Behind its equals: the order of the header decides among them.
    auto at = std::ranges::upper_bound(clauses, clause.q_thousandths, std::greater{}, &MediaClause::q_thousandths);
    clauses.insert(at, std::move(clause));
  }
  if (clauses.empty()) clauses.push_back(read_clause("*/*"));
  return clauses;
}

std::string OutputFormat::content_type() const {
  return format == Format::kYaml ? "application/yaml" : "application/json";
}

std::optional<OutputFormat> negotiate(const http::Request& request, const http::Url& url, bool is_watch) {
  // What our own components send.
  if (auto wanted = request.headers.all("Accept"); wanted.size() == 1 && wanted[0] == "application/json") {
    OutputFormat out;
    out.is_pretty = !is_watch && wants_pretty(request, url);
    return out;
  }
  std::string accept;
  for (auto value : request.headers.all("Accept")) {
    if (!accept.empty()) accept += ",";
    accept += value;
  }
  for (const auto& clause : parse_accept(accept)) {
    auto out = fit(clause, is_watch);
    if (!out) continue;
    out->is_pretty = !is_watch && wants_pretty(request, url);
    return out;
  }
  return std::nullopt;
}

bool wants_pretty(const http::Request& request, const http::Url& url) {
  if (url.has("pretty")) {
    auto value = lower(url.get("pretty"));
    return value != "false" && value != "0";
  }
  auto agent = request.headers.get("User-Agent");
  return agent.starts_with("curl") || agent.starts_with("Wget") || agent.starts_with("Mozilla/5.0");
}

}  // namespace kubeloop::apiserver
