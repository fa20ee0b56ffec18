#include "simulator/scenario/did_you_mean.hpp"

#include <algorithm>
#include <array>

namespace kubeloop::simulator {
namespace {

constexpr std::size_t kMaxLength = 64;

// Lower case, without what only separates: "API-Server" and "apiserver" are the same word.
std::string folded(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '-' || c == '_' || c == ' ' || c == '.') continue;
    out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return out;
}

template <class Words>
std::string find_nearest(std::string_view word, const Words& known) {
  std::string plain = folded(word);
  if (plain.empty()) return "";
  std::string best;
  int best_distance = static_cast<int>(std::max<std::size_t>(1, plain.size() / 3)) + 1;
  for (const auto& candidate : known) {
    std::string other = folded(candidate);
    int distance = plain == other ? 0 : edit_distance(plain, other);
    // A word of two letters would be anything of two letters.
    bool is_too_short = std::min(plain.size(), other.size()) < 3 && distance > 0;
    if (is_too_short || distance >= best_distance) continue;
    best = candidate;
    best_distance = distance;
  }
  return best;
}

}  // namespace

int edit_distance(std::string_view a, std::string_view b) {
  if (a.size() > kMaxLength || b.size() > kMaxLength) return static_cast<int>(std::max(a.size(), b.size()));
  using Row = std::array<int, kMaxLength + 1>;
  Row before{}, last{}, row{};
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = static_cast<int>(j);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = static_cast<int>(i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      int change = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, change});
      bool is_exchange = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (is_exchange) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before = last;
    last = row;
  }
  return last[b.size()];
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& known) {
  return find_nearest(word, known);
}

std::string did_you_mean(std::string_view word, const std::set<std::string>& known) {
  return find_nearest(word, known);
}

}  // namespace kubeloop::simulator
