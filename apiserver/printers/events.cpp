#include <array>
#include <string_view>

#include <fmt/format.h>

#include "apiserver/printers/cells.hpp"
#include "apiserver/printers/registry.hpp"

// Serves both shapes of an event: core/v1 (involvedObject, message, firstTimestamp) and events.k8s.io/v1 (regarding,
// note, deprecated*).

namespace kubeloop::apiserver {
namespace {

using nlohmann::json;

constexpr std::array<TableColumn, 10> kColumns{{
    {"Last Seen", "string", "", "How long ago the event happened last.", 0},
    {"Type", "string", "", "Normal or Warning.", 0},
    {"Reason", "string", "", "Why it happened, in one word for machines.", 0},
    {"Object", "string", "", "What the event is about.", 0},
    {"Subobject", "string", "", "The part of that object, if it is about a part.", 1},
    {"Source", "string", "", "Who reported it.", 1},
    {"Message", "string", "", "What happened, for people.", 0},
    {"First Seen", "string", "", "How long ago it happened first.", 1},
    {"Count", "string", "", "How often it happened.", 1},
    {"Name", "string", "name", cells::kNameText, 1},
}};

// The member that either shape has.
const json& either(const json& event, const char* core, const char* newer) {
  const json& value = cells::at(event, {core});
  return value.is_null() ? cells::at(event, {newer}) : value;
}

std::string either_text(const json& event, const char* core, const char* newer) {
  const json& value = either(event, core, newer);
  return value.is_string() ? value.get<std::string>() : std::string();
}

std::string target(const json& event) {
  const json& object = either(event, "involvedObject", "regarding");
  std::string text = cells::text(object, {"kind"});
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  std::string name = cells::text(object, {"name"});
  return name.empty() ? text : text + "/" + name;
}

std::string source(const json& event) {
  const json& old = either(event, "source", "deprecatedSource");
  std::string component =
      cells::text_or(old, {"component"}, either_text(event, "reportingComponent", "reportingController"));
  std::string instance = cells::text_or(old, {"host"}, cells::text(event, {"reportingInstance"}));
  return instance.empty() ? component : component + ", " + instance;
}

std::string trimmed(std::string text) {
  constexpr const char* kSpaces = " \t\r\n\v\f";
  auto first = text.find_first_not_of(kSpaces);
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(kSpaces) - first + 1);
}

TableRow print(const json& event, WallTime now) {
  std::string first = either_text(event, "firstTimestamp", "deprecatedFirstTimestamp");
  if (first.empty()) first = cells::text(event, {"eventTime"});
  std::string last = either_text(event, "lastTimestamp", "deprecatedLastTimestamp");
  if (last.empty()) last = first;
  const json& written_count = either(event, "count", "deprecatedCount");
  std::int64_t count = written_count.is_number_integer() ? written_count.get<std::int64_t>() : 0;
  if (cells::at(event, {"series"}).is_object()) {
    last = cells::text(event, {"series", "lastObservedTime"});
    count = cells::number(event, {"series", "count"});
  } else if (count == 0) {
    count = 1;
  }
  json row = json::array();
  row.push_back(cells::since(last, now));
  row.push_back(cells::text(event, {"type"}));
  row.push_back(cells::text(event, {"reason"}));
  row.push_back(target(event));
  row.push_back(cells::text(either(event, "involvedObject", "regarding"), {"fieldPath"}));
  row.push_back(source(event));
  row.push_back(trimmed(either_text(event, "message", "note")));
  row.push_back(cells::since(first, now));
  row.push_back(count);
  row.push_back(cells::name(event));
  return {std::move(row), nullptr};
}

}  // namespace

const TablePrinter kEventPrinter{kColumns, &print};

}  // namespace kubeloop::apiserver
