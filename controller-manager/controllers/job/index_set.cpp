#include "controller-manager/controllers/job/index_set.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>

namespace kubeloop::controller_manager {
namespace {

std::optional<std::int64_t> parse_index(std::string_view text) {
  std::int64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

}  // namespace

IndexSet IndexSet::parse(std::string_view text, std::int64_t completions) {
  IndexSet set;
  while (!text.empty()) {
    auto part = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), part.size() + 1));
    auto dash = part.find('-');
    auto first = parse_index(part.substr(0, dash));
    auto last = dash == std::string_view::npos ? first : parse_index(part.substr(dash + 1));
    if (!first || !last || *first >= completions) continue;
    set.add_interval(*first, std::min(*last, completions - 1));
  }
  return set;
}

void IndexSet::add(std::int64_t index) {
  add_interval(index, index);
}

void IndexSet::add_interval(std::int64_t first, std::int64_t last) {
  if (last < first) return;
  auto it = intervals_.upper_bound(first);
  if (it != intervals_.begin() && std::prev(it)->second >= first - 1) --it;
  while (it != intervals_.end() && it->first <= last + 1) {
    first = std::min(first, it->first);
    last = std::max(last, it->second);
    it = intervals_.erase(it);
  }
  intervals_.emplace(first, last);
}

bool IndexSet::contains(std::int64_t index) const {
  auto it = intervals_.upper_bound(index);
  return it != intervals_.begin() && std::prev(it)->second >= index;
}

std::int64_t IndexSet::total() const {
  std::int64_t sum = 0;
  for (const auto& [first, last] : intervals_) sum += last - first + 1;
  return sum;
}

std::string IndexSet::text() const {
  std::string text;
  for (const auto& [first, last] : intervals_) {
    if (!text.empty()) text += ',';
    text += std::to_string(first);
    if (last == first + 1) text += fmt::format(",{}", last);
    if (last > first + 1) text += fmt::format("-{}", last);
  }
  return text;
}

std::vector<std::int64_t> IndexSet::first_missing(std::int64_t count, std::int64_t completions) const {
  std::vector<std::int64_t> result;
  std::int64_t next = 0;
  auto take_until = [&](std::int64_t end) {
    for (; next < end && static_cast<std::int64_t>(result.size()) < count; ++next) result.push_back(next);
  };
  for (const auto& [first, last] : intervals_) {
    take_until(std::min(first, completions));
    next = last + 1;
  }
  take_until(completions);
  return result;
}

std::int64_t IndexSet::common(const IndexSet& other) const {
  std::int64_t sum = 0;
  for (const auto& [first, last] : intervals_) {
    for (const auto& [a, b] : other.intervals_)
      sum += std::max<std::int64_t>(0, std::min(last, b) - std::max(first, a) + 1);
  }
  return sum;
}

void IndexSet::add_all(const IndexSet& other) {
  for (const auto& [first, last] : other.intervals_) add_interval(first, last);
}

}  // namespace kubeloop::controller_manager
