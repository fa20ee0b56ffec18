#include "apiserver/strategies/index_intervals.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <vector>

#include "libs/api/field_error.hpp"

namespace kubeloop::apiserver {
namespace {

struct Interval {
  std::int64_t first = 0, last = 0;
  std::string problem;
};

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    auto end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == text.npos) return parts;
    text.remove_prefix(end + 1);
  }
}

// "" when it is an index below `completions`, else what is wrong.
std::string read_index(std::string_view text, std::int64_t completions, std::int64_t& index) {
  auto digits = text.starts_with('+') ? text.substr(1) : text;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), index);
  if (error != std::errc() || end != digits.data() + digits.size()) {
    return "cannot convert string to integer for index: " + api::go_quoted(text);
  }
  return index >= completions ? "too large index: " + api::go_quoted(text) : "";
}

std::string out_of_order(std::int64_t previous, std::int64_t current) {
  return fmt::format("non-increasing order, previous: {}, current: {}", previous, current);
}

Interval read_interval(std::string_view text, std::int64_t completions) {
  Interval out;
  auto limits = split(text, '-');
  if (limits.size() > 2) {
    out.problem = fmt::format(
        "the fragment {} violates the requirement that an index interval can have at most two parts separated by '-'",
        api::go_quoted(text));
    return out;
  }
  out.problem = read_index(limits[0], completions, out.first);
  out.last = out.first;
  if (!out.problem.empty() || limits.size() == 1) return out;
  out.problem = read_index(limits[1], completions, out.last);
  if (out.problem.empty() && out.first >= out.last) out.problem = out_of_order(out.first, out.last);
  return out;
}

std::vector<Interval> readable(std::string_view text, std::int64_t completions) {
  std::vector<Interval> out;
  if (text.empty()) return out;
  for (auto part : split(text, ',')) {
    auto interval = read_interval(part, completions);
    if (interval.problem.empty()) out.push_back(std::move(interval));
  }
  return out;
}

}  // namespace

IndexCount count_indexes(std::string_view text, std::int64_t completions) {
  IndexCount out;
  if (text.empty()) return out;
  std::optional<std::int64_t> last;
  for (auto part : split(text, ',')) {
    auto interval = read_interval(part, completions);
    if (interval.problem.empty() && last && *last >= interval.first) {
      interval.problem = out_of_order(*last, interval.first);
    }
    if (!interval.problem.empty()) {
      out.total = 0;
      out.problem = std::move(interval.problem);
      return out;
    }
    out.total += interval.last - interval.first + 1;
    last = interval.last;
  }
  return out;
}

std::optional<std::int64_t> first_shared_index(std::string_view a, std::string_view b, std::int64_t completions) {
  auto left = readable(a, completions);
  auto right = readable(b, completions);
  std::size_t i = 0, j = 0;
  while (i < left.size() && j < right.size()) {
    if (left[i].first <= right[j].last && right[j].first <= left[i].last) {
      return std::max(left[i].first, right[j].first);
    }
    if (left[i].first <= right[j].first) {
      ++i;
    } else {
      ++j;
    }
  }
  return std::nullopt;
}

}  // namespace kubeloop::apiserver
