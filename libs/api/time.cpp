#include "libs/api/time.hpp"

#include <fmt/format.h>

namespace kubeloop::api {
namespace {

// Reads exactly `n` digits at `at`; nothing when they are not all digits.
std::optional<int> digits(std::string_view text, std::size_t at, std::size_t n) {
  if (at + n > text.size()) return std::nullopt;
  int value = 0;
  for (std::size_t i = at; i < at + n; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

void put_digits(std::string& text, std::size_t at, std::size_t n, unsigned value) {
  for (; n > 0; --n, value /= 10) text[at + n - 1] = static_cast<char>('0' + value % 10);
}

std::string format_seconds(WallTime t) {
  auto days = std::chrono::floor<std::chrono::days>(t);
  std::chrono::year_month_day date(days);
  auto seconds = static_cast<unsigned>(std::chrono::floor<std::chrono::seconds>(t - days).count());
  int year = static_cast<int>(date.year());
  auto month = static_cast<unsigned>(date.month()), day = static_cast<unsigned>(date.day());
  if (year < 0 || year > 9999) {
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", year, month, day, seconds / 3600, seconds / 60 % 60,
                       seconds % 60);
  }
  std::string out = "0000-00-00T00:00:00";
  put_digits(out, 0, 4, static_cast<unsigned>(year));
  put_digits(out, 5, 2, month);
  put_digits(out, 8, 2, day);
  put_digits(out, 11, 2, seconds / 3600);
  put_digits(out, 14, 2, seconds / 60 % 60);
  put_digits(out, 17, 2, seconds % 60);
  return out;
}

}  // namespace

std::string format_time(WallTime t) {
  return format_seconds(t) + "Z";
}

std::string format_micro_time(WallTime t) {
  auto whole = std::chrono::floor<std::chrono::seconds>(t);
  std::string out = format_seconds(t) + ".000000Z";
  put_digits(out, out.size() - 7, 6, static_cast<unsigned>((t - whole).count() / 1000));
  return out;
}

std::optional<WallTime> parse_time(std::string_view text) {
  auto year = digits(text, 0, 4), month = digits(text, 5, 2), day = digits(text, 8, 2);
  auto hour = digits(text, 11, 2), minute = digits(text, 14, 2), second = digits(text, 17, 2);
  if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
  if (text[4] != '-' || text[7] != '-' || text[13] != ':' || text[16] != ':') return std::nullopt;
  if (text[10] != 'T' && text[10] != 't') return std::nullopt;
  std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(*month), std::chrono::day(*day)};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 59) return std::nullopt;
  WallTime t = std::chrono::sys_days(date);
  t += std::chrono::hours(*hour) + std::chrono::minutes(*minute) + std::chrono::seconds(*second);
  std::size_t at = 19;
  if (at < text.size() && text[at] == '.') {
    long scale = 100000000;
    std::size_t first = ++at;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
      t += std::chrono::nanoseconds((text[at] - '0') * scale);
      scale /= 10;
    }
    if (at == first) return std::nullopt;
  }
  if (at >= text.size()) return std::nullopt;
  if (text[at] == 'Z' || text[at] == 'z') return at + 1 == text.size() ? std::optional(t) : std::nullopt;
  auto offset_hour = digits(text, at + 1, 2), offset_minute = digits(text, at + 4, 2);
  if ((text[at] != '+' && text[at] != '-') || !offset_hour || !offset_minute || at + 6 != text.size())
    return std::nullopt;
  auto offset = std::chrono::hours(*offset_hour) + std::chrono::minutes(*offset_minute);
  return text[at] == '+' ? t - offset : t + offset;
}

std::string human_duration(Duration d) {
  auto s = std::chrono::duration_cast<std::chrono::seconds>(d).count();
  if (s < -1) return "<invalid>";
  if (s < 0) return "0s";
  auto with_rest = [](long big, const char* unit, long small, const char* small_unit) {
    return small == 0 ? fmt::format("{}{}", big, unit) : fmt::format("{}{}{}{}", big, unit, small, small_unit);
  };
  if (s < 120) return fmt::format("{}s", s);
  auto m = s / 60;
  if (m < 10) return with_rest(m, "m", s % 60, "s");
  if (m < 180) return fmt::format("{}m", m);
  auto h = m / 60;
  if (h < 8) return with_rest(h, "h", m % 60, "m");
  if (h < 48) return fmt::format("{}h", h);
  auto days = h / 24;
  if (days < 8) return with_rest(days, "d", h % 24, "h");
  if (days < 365 * 2) return fmt::format("{}d", days);
  if (days < 365 * 8) return with_rest(days / 365, "y", days % 365, "d");
  return fmt::format("{}y", days / 365);
}

}  // namespace kubeloop::api
