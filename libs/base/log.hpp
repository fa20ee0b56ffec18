// A component's log: levelled lines with the component's name, sent to whatever sink the program chose (spdlog in the
// programs, nothing or a buffer in virtual time). Cheap to copy.
#pragma once
#include <fmt/core.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace kubeloop {

enum class LogLevel { kDebug, kInfo, kWarning, kError };
using LogSink = std::function<void(LogLevel, std::string_view component, std::string_view line)>;

class Log {
 public:
  Log() = default;  // drops everything
  Log(std::string component, std::shared_ptr<const LogSink> sink, LogLevel lowest = LogLevel::kInfo)
      : component_(std::move(component)), sink_(std::move(sink)), lowest_(lowest) {}

  // The same sink under the name `component/part`.
  Log child(std::string_view part) const;

  template <class... Args>
  void debug(fmt::format_string<Args...> format, Args&&... args) const {
    write(LogLevel::kDebug, format, std::forward<Args>(args)...);
  }
  template <class... Args>
  void info(fmt::format_string<Args...> format, Args&&... args) const {
    write(LogLevel::kInfo, format, std::forward<Args>(args)...);
  }
  template <class... Args>
  void warning(fmt::format_string<Args...> format, Args&&... args) const {
    write(LogLevel::kWarning, format, std::forward<Args>(args)...);
  }
  template <class... Args>
  void error(fmt::format_string<Args...> format, Args&&... args) const {
    write(LogLevel::kError, format, std::forward<Args>(args)...);
  }

 private:
  template <class... Args>
  void write(LogLevel level, fmt::format_string<Args...> format, Args&&... args) const {
    if (sink_ && level >= lowest_) (*sink_)(level, component_, fmt::format(format, std::forward<Args>(args)...));
  }

  std::string component_;
  std::shared_ptr<const LogSink> sink_;
  LogLevel lowest_ = LogLevel::kInfo;
};

// A sink that writes to stderr or, when `path` is not empty, appends to that file, through spdlog. Real time: programs
// only.
std::shared_ptr<const LogSink> make_spdlog_sink(const std::string& path);

}  // namespace kubeloop
